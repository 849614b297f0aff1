//! Every command.

use crate::transcript::transcripts;

transcripts! {
    set_stores:
        b"set a 0 0 1\r\nx\r\n" => b"STORED\r\n",
        b"get a\r\n" => b"VALUE a 0 1\r\nx\r\nEND\r\n";
    set_replaces:
        b"set a 0 0 1\r\nx\r\nset a 0 0 2\r\nyz\r\n" => b"STORED\r\nSTORED\r\n",
        b"get a\r\n" => b"VALUE a 0 2\r\nyz\r\nEND\r\n";
    set_keeps_the_flags:
        b"set a 4294967295 0 1\r\nx\r\n" => b"STORED\r\n",
        b"get a\r\n" => b"VALUE a 4294967295 1\r\nx\r\nEND\r\n";
    set_stores_nothing_at_all:
        b"set a 0 0 0\r\n\r\n" => b"STORED\r\n",
        b"get a\r\n" => b"VALUE a 0 0\r\n\r\nEND\r\n";
    set_stores_line_ends:
        b"set a 0 0 6\r\n\r\nEND\n\r\n" => b"STORED\r\n",
        b"get a\r\n" => b"VALUE a 0 6\r\n\r\nEND\n\r\nEND\r\n";
    set_without_reply:
        b"set a 0 0 1 noreply\r\nx\r\n" => b"",
        b"get a\r\n" => b"VALUE a 0 1\r\nx\r\nEND\r\n";
    set_with_another_last_word_replies:
        b"set a 0 0 1 please\r\nx\r\n" => b"STORED\r\n";

    add_stores_what_is_new:
        b"add a 0 0 1\r\nx\r\n" => b"STORED\r\n",
        b"get a\r\n" => b"VALUE a 0 1\r\nx\r\nEND\r\n";
    add_leaves_what_is_there:
        b"set a 0 0 1\r\nx\r\nadd a 0 0 1\r\ny\r\n" => b"STORED\r\nNOT_STORED\r\n",
        b"get a\r\n" => b"VALUE a 0 1\r\nx\r\nEND\r\n";
    add_without_reply:
        b"add a 0 0 1 noreply\r\nx\r\nadd a 0 0 1 noreply\r\ny\r\n" => b"",
        b"get a\r\n" => b"VALUE a 0 1\r\nx\r\nEND\r\n";

    replace_replaces_what_is_there:
        b"set a 0 0 1\r\nx\r\nreplace a 7 0 1\r\ny\r\n" => b"STORED\r\nSTORED\r\n",
        b"get a\r\n" => b"VALUE a 7 1\r\ny\r\nEND\r\n";
    replace_does_not_store_what_is_new:
        b"replace a 0 0 1\r\nx\r\n" => b"NOT_STORED\r\n",
        b"get a\r\n" => b"END\r\n";
    replace_without_reply:
        b"replace a 0 0 1 noreply\r\nx\r\n" => b"",
        b"get a\r\n" => b"END\r\n";

    append_goes_behind_and_leaves_the_flags:
        b"set a 5 0 2\r\nxy\r\nappend a 9 0 1\r\nz\r\n" => b"STORED\r\nSTORED\r\n",
        b"get a\r\n" => b"VALUE a 5 3\r\nxyz\r\nEND\r\n";
    append_to_nothing:
        b"append a 0 0 1\r\nx\r\n" => b"NOT_STORED\r\n",
        b"get a\r\n" => b"END\r\n";
    append_without_reply:
        b"set a 0 0 1\r\nx\r\nappend a 0 0 1 noreply\r\ny\r\n" => b"STORED\r\n",
        b"get a\r\n" => b"VALUE a 0 2\r\nxy\r\nEND\r\n";
    prepend_goes_in_front_and_leaves_the_flags:
        b"set a 5 0 2\r\nxy\r\nprepend a 9 0 1\r\nz\r\n" => b"STORED\r\nSTORED\r\n",
        b"get a\r\n" => b"VALUE a 5 3\r\nzxy\r\nEND\r\n";
    prepend_to_nothing:
        b"prepend a 0 0 1\r\nx\r\n" => b"NOT_STORED\r\n",
        b"get a\r\n" => b"END\r\n";
    prepend_without_reply:
        b"set a 0 0 1\r\nx\r\nprepend a 0 0 1 noreply\r\ny\r\n" => b"STORED\r\n",
        b"get a\r\n" => b"VALUE a 0 2\r\nyx\r\nEND\r\n";

    gets_tells_the_unique_number:
        b"set a 0 0 1\r\nx\r\n" => b"STORED\r\n",
        b"gets a\r\n" => b"VALUE a 0 1 1\r\nx\r\nEND\r\n";
    each_change_has_a_number_of_its_own:
        b"set a 0 0 1\r\nx\r\nset b 0 0 1\r\ny\r\nset a 0 0 1\r\nz\r\n"
            => b"STORED\r\nSTORED\r\nSTORED\r\n",
        b"gets a b\r\n" => b"VALUE a 0 1 3\r\nz\r\nVALUE b 0 1 2\r\ny\r\nEND\r\n";
    cas_stores_what_nobody_has_changed:
        b"set a 0 0 1\r\nx\r\ncas a 0 0 1 1\r\ny\r\n" => b"STORED\r\nSTORED\r\n",
        b"gets a\r\n" => b"VALUE a 0 1 2\r\ny\r\nEND\r\n";
    cas_leaves_what_somebody_has_changed:
        b"set a 0 0 1\r\nx\r\nset a 0 0 1\r\ny\r\n" => b"STORED\r\nSTORED\r\n",
        b"cas a 0 0 1 1\r\nz\r\nget a\r\n" => b"EXISTS\r\nVALUE a 0 1\r\ny\r\nEND\r\n";
    cas_of_nothing:
        b"cas a 0 0 1 1\r\nx\r\n" => b"NOT_FOUND\r\n",
        b"get a\r\n" => b"END\r\n";
    cas_without_reply:
        b"set a 0 0 1\r\nx\r\ncas a 0 0 1 1 noreply\r\ny\r\ncas a 0 0 1 1 noreply\r\nz\r\n"
            => b"STORED\r\n",
        b"get a\r\n" => b"VALUE a 0 1\r\ny\r\nEND\r\n";

    get_of_nothing:
        b"get a\r\n" => b"END\r\n";
    get_of_several:
        b"set a 0 0 1\r\nx\r\nset b 0 0 1\r\ny\r\n" => b"STORED\r\nSTORED\r\n",
        b"get b c a b\r\n"
            => b"VALUE b 0 1\r\ny\r\nVALUE a 0 1\r\nx\r\nVALUE b 0 1\r\ny\r\nEND\r\n";
    gat_answers_like_get:
        b"set a 3 0 1\r\nx\r\n" => b"STORED\r\n",
        b"gat 100 a b\r\n" => b"VALUE a 3 1\r\nx\r\nEND\r\n";
    gats_answers_like_gets:
        b"set a 3 0 1\r\nx\r\n" => b"STORED\r\n",
        b"gats 100 b a\r\n" => b"VALUE a 3 1 1\r\nx\r\nEND\r\n";
    gat_without_keys:
        b"gat 100\r\n" => b"END\r\n";
    gat_of_the_past_shows_the_item_once_more:
        b"set a 0 0 1\r\nx\r\ngat -1 a\r\n" => b"STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n",
        b"get a\r\n" => b"END\r\n";

    touch_of_an_item:
        b"set a 0 0 1\r\nx\r\ntouch a 100\r\n" => b"STORED\r\nTOUCHED\r\n";
    touch_of_nothing:
        b"touch a 100\r\n" => b"NOT_FOUND\r\n";
    touch_without_reply:
        b"set a 0 0 1\r\nx\r\ntouch a -1 noreply\r\n" => b"STORED\r\n",
        b"get a\r\n" => b"END\r\n";

    delete_deletes:
        b"set a 0 0 1\r\nx\r\ndelete a\r\n" => b"STORED\r\nDELETED\r\n",
        b"get a\r\n" => b"END\r\n";
    delete_of_nothing:
        b"delete a\r\n" => b"NOT_FOUND\r\n";
    delete_in_no_time:
        b"set a 0 0 1\r\nx\r\ndelete a 0\r\n" => b"STORED\r\nDELETED\r\n";
    delete_without_reply:
        b"set a 0 0 1\r\nx\r\ndelete a noreply\r\ndelete a 0 noreply\r\n" => b"STORED\r\n",
        b"get a\r\n" => b"END\r\n";
    delete_of_a_key_called_noreply_replies:
        b"delete noreply\r\n" => b"NOT_FOUND\r\n";

    incr_adds:
        b"set n 0 0 2\r\n99\r\nincr n 1\r\n" => b"STORED\r\n100\r\n",
        b"get n\r\n" => b"VALUE n 0 3\r\n100\r\nEND\r\n";
    incr_goes_round_at_64_bits:
        b"set n 0 0 20\r\n18446744073709551615\r\nincr n 2\r\n" => b"STORED\r\n1\r\n";
    incr_of_nothing:
        b"incr n 1\r\n" => b"NOT_FOUND\r\n";
    incr_without_reply:
        b"set n 0 0 1\r\n1\r\nincr n 2 noreply\r\n" => b"STORED\r\n",
        b"get n\r\n" => b"VALUE n 0 1\r\n3\r\nEND\r\n";
    decr_subtracts_and_leaves_the_length:
        b"set n 0 0 3\r\n100\r\ndecr n 1\r\n" => b"STORED\r\n99\r\n",
        b"get n\r\n" => b"VALUE n 0 3\r\n99 \r\nEND\r\n";
    decr_does_not_go_below_0:
        b"set n 0 0 1\r\n5\r\ndecr n 6\r\n" => b"STORED\r\n0\r\n";
    decr_and_incr_of_what_decr_has_left:
        b"set n 0 0 2\r\n10\r\ndecr n 1\r\ndecr n 1\r\nincr n 1\r\n"
            => b"STORED\r\n9\r\n8\r\n9\r\n";
    decr_of_nothing:
        b"decr n 1\r\n" => b"NOT_FOUND\r\n";
    decr_without_reply:
        b"set n 0 0 1\r\n3\r\ndecr n 1 noreply\r\n" => b"STORED\r\n",
        b"get n\r\n" => b"VALUE n 0 1\r\n2\r\nEND\r\n";
    incr_leaves_the_flags:
        b"set n 8 0 1\r\n3\r\nincr n 1\r\n" => b"STORED\r\n4\r\n",
        b"get n\r\n" => b"VALUE n 8 1\r\n4\r\nEND\r\n";

    flush_all_flushes:
        b"set a 0 0 1\r\nx\r\nflush_all\r\n" => b"STORED\r\nOK\r\n",
        b"get a\r\n" => b"END\r\n";
    flush_all_leaves_what_comes_later:
        b"flush_all\r\nset a 0 0 1\r\nx\r\n" => b"OK\r\nSTORED\r\n",
        b"get a\r\n" => b"VALUE a 0 1\r\nx\r\nEND\r\n";
    flush_all_of_the_past_is_at_once:
        b"set a 0 0 1\r\nx\r\nflush_all -1\r\n" => b"STORED\r\nOK\r\n",
        b"get a\r\n" => b"END\r\n";
    flush_all_without_reply:
        b"set a 0 0 1\r\nx\r\nflush_all noreply\r\nflush_all 0 noreply\r\n" => b"STORED\r\n",
        b"get a\r\n" => b"END\r\n";

    verbosity_is_accepted:
        b"verbosity 1\r\nverbosity 1 noreply\r\n" => b"OK\r\n";
    quit_closes_after_what_was_asked:
        b"set a 0 0 1\r\nx\r\nget a\r\nquit\r\n" => b"STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n";
    quit_is_the_last_command:
        b"quit\r\nget a\r\n" => b"";
    stats_reset:
        b"stats reset\r\n" => b"RESET\r\n";

    a_line_may_end_with_a_newline_alone:
        b"set a 0 0 1\nx\r\nget a\n" => b"STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n";
    spaces_may_stand_anywhere:
        b"  set   a  0 0 1  \r\nx\r\n get  a \r\n" => b"STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n";
    a_plus_may_stand_before_a_number:
        b"set a +1 +0 +1\r\nx\r\nget a\r\n" => b"STORED\r\nVALUE a 1 1\r\nx\r\nEND\r\n";
}

#[test]
fn version_names_the_memcached_it_behaves_like() {
    crate::transcript::check(&[(b"version\r\n", b"VERSION 1.6.18-asyncore\r\n")]);
}
