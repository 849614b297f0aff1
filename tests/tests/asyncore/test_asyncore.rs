//! CPython's test_asyncore.py, in our own words, under its names. `test_compact_traceback`,
//! `test_strerror` and `test_resource_warning` have nothing to test here.

mod api;
mod dispatcher;
mod file_wrapper;
mod helper_functions;
