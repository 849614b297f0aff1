//! What rustc prints for each mistake, as a user sees it. `TRYBUILD=overwrite` keeps what is
//! printed now; read the difference before you commit it.

#[test]
fn mistakes() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/items/*.rs");
    cases.compile_fail("ui/types/*.rs");
    cases.compile_fail("ui/lints/*.rs");
    cases.compile_fail("ui/multi/*.rs");
    cases.compile_fail("ui/typing/*.rs");
    cases.pass("ui/pass/*.rs");
}

/// Errors stand at the user's tokens, so rustc never has to say where a macro is to blame.
#[test]
fn no_error_blames_the_macro() {
    let mut files = Vec::new();
    for folder in ["items", "types", "lints", "multi", "typing"] {
        files.extend(
            std::fs::read_dir(format!("ui/{folder}")).unwrap().map(|file| file.unwrap().path()),
        );
    }
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "stderr")) {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(!text.contains("this error originates"), "{}:\n{text}", file.display());
    }
}
