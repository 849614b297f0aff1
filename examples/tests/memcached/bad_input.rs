//! Bad input, answered as memcached answers it.

use crate::transcript::transcripts;

transcripts! {
    an_unknown_command:
        b"jump\r\nversions\r\nGET a\r\n" => b"ERROR\r\nERROR\r\nERROR\r\n";
    an_empty_line:
        b"\r\n\n   \r\n" => b"ERROR\r\nERROR\r\nERROR\r\n";
    a_carriage_return_does_not_end_a_line:
        b"get a\rget b\r\n" => b"END\r\n";
    too_few_words:
        b"set\r\nset a\r\nset a 0 0\r\nadd a 0\r\ncas a 0 0 1\r\n"
            => b"ERROR\r\nERROR\r\nERROR\r\nERROR\r\nERROR\r\n",
        b"get\r\ngets \r\ngat\r\ngats\r\n" => b"ERROR\r\nERROR\r\nERROR\r\nERROR\r\n",
        b"delete\r\nincr\r\nincr a\r\ndecr a\r\ntouch a\r\nverbosity\r\n"
            => b"ERROR\r\nERROR\r\nERROR\r\nERROR\r\nERROR\r\nERROR\r\n";
    too_many_words:
        b"set a 0 0 1 noreply 1\r\ncas a 0 0 1 1 noreply 1\r\n" => b"ERROR\r\nERROR\r\n",
        b"incr a 1 noreply 1\r\ntouch a 1 noreply 1\r\ndelete a 0 noreply 1\r\n"
            => b"ERROR\r\nERROR\r\nERROR\r\n",
        b"flush_all 0 noreply 1\r\nverbosity 1 noreply 1\r\n" => b"ERROR\r\nERROR\r\n";
    more_words_than_any_command_has:
        b"set a 0 0 1 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26\r\n"
            => b"ERROR\r\n";
    an_unknown_kind_of_stats:
        b"stats nothing\r\n" => b"ERROR\r\n";

    flags_that_are_no_number:
        b"set a x 0 1\r\n" => b"CLIENT_ERROR bad command line format\r\n";
    flags_below_0:
        b"set a -1 0 1\r\n" => b"CLIENT_ERROR bad command line format\r\n";
    flags_beyond_64_bits:
        b"set a 18446744073709551616 0 1\r\n" => b"CLIENT_ERROR bad command line format\r\n";
    flags_are_cut_to_32_bits:
        b"set a 4294967299 0 1\r\nx\r\n" => b"STORED\r\n",
        b"get a\r\n" => b"VALUE a 3 1\r\nx\r\nEND\r\n";
    an_expiry_time_that_is_no_number:
        b"set a 0 never 1\r\ntouch a soon\r\n"
            => b"CLIENT_ERROR bad command line format\r\nCLIENT_ERROR invalid exptime argument\r\n",
        b"gat soon a\r\ngats soon a\r\n"
            => b"CLIENT_ERROR invalid exptime argument\r\nCLIENT_ERROR invalid exptime argument\r\n",
        b"flush_all soon\r\n" => b"CLIENT_ERROR invalid exptime argument\r\n";
    a_unique_number_that_is_no_number:
        b"cas a 0 0 1 x\r\ncas a 0 0 1 -1\r\n"
            => b"CLIENT_ERROR bad command line format\r\nCLIENT_ERROR bad command line format\r\n";
    a_delta_that_is_no_number:
        b"set n 0 0 1\r\n5\r\n" => b"STORED\r\n",
        b"incr n x\r\n" => b"CLIENT_ERROR invalid numeric delta argument\r\n",
        b"decr n -1\r\n" => b"CLIENT_ERROR invalid numeric delta argument\r\n",
        b"incr n 18446744073709551616\r\n" => b"CLIENT_ERROR invalid numeric delta argument\r\n",
        b"incr n 1x\r\n" => b"CLIENT_ERROR invalid numeric delta argument\r\n";
    a_level_that_is_no_number:
        b"verbosity x\r\n" => b"CLIENT_ERROR bad command line format\r\n";
    a_time_for_delete:
        b"delete a 5\r\n"
            => b"CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n";
    a_bad_command_without_reply:
        b"set a x 0 1 noreply\r\nincr a x noreply\r\ntouch a x noreply\r\ndelete a 5 noreply\r\n"
            => b"",
        b"cas a 0 0 1 x noreply\r\nflush_all x noreply\r\nverbosity x noreply\r\n" => b"";
    a_wrong_number_of_words_is_always_told:
        b"set noreply\r\nset a 0 noreply\r\nincr a 1 2 noreply\r\n"
            => b"ERROR\r\nERROR\r\nERROR\r\n";

    what_is_no_number_cannot_be_changed:
        b"set a 0 0 1\r\nx\r\nset b 0 0 2\r\n-1\r\nset c 0 0 0\r\n\r\n"
            => b"STORED\r\nSTORED\r\nSTORED\r\n",
        b"incr a 1\r\n" => b"CLIENT_ERROR cannot increment or decrement non-numeric value\r\n",
        b"decr b 1\r\n" => b"CLIENT_ERROR cannot increment or decrement non-numeric value\r\n",
        b"incr c 1\r\n" => b"CLIENT_ERROR cannot increment or decrement non-numeric value\r\n";
    a_number_beyond_64_bits_cannot_be_changed:
        b"set a 0 0 20\r\n18446744073709551616\r\nincr a 1\r\n"
            => b"STORED\r\nCLIENT_ERROR cannot increment or decrement non-numeric value\r\n";

    a_length_that_is_no_number:
        b"set a 0 0 one\r\nx\r\n" => b"CLIENT_ERROR bad command line format\r\nERROR\r\n";
    a_length_below_0:
        b"set a 0 0 -1\r\nx\r\n" => b"CLIENT_ERROR bad command line format\r\nERROR\r\n";
    a_length_with_its_line_end_beyond_31_bits:
        b"set a 0 0 2147483646\r\n" => b"CLIENT_ERROR bad command line format\r\n";
    a_length_beyond_64_bits:
        b"set a 0 0 18446744073709551616\r\n" => b"CLIENT_ERROR bad command line format\r\n";
    a_length_is_cut_to_32_bits:
        b"set a 0 0 4294967297\r\nx\r\n" => b"STORED\r\n",
        b"get a\r\n" => b"VALUE a 0 1\r\nx\r\nEND\r\n";

    a_block_that_goes_on:
        b"set a 0 0 3\r\nabcdef\r\n" => b"CLIENT_ERROR bad data chunk\r\nERROR\r\n",
        b"get a\r\n" => b"END\r\n";
    a_block_that_ends_early:
        b"set a 0 0 5\r\nabc\r\nget a\r\n" => b"CLIENT_ERROR bad data chunk\r\nERROR\r\n";
    a_block_that_ends_with_a_newline_alone:
        b"set a 0 0 1\r\nx\nget a\r\n" => b"CLIENT_ERROR bad data chunk\r\nERROR\r\n";
    a_bad_block_leaves_what_is_there:
        b"set a 0 0 1\r\nx\r\nset a 0 0 1\r\nyy\r\n"
            => b"STORED\r\nCLIENT_ERROR bad data chunk\r\nERROR\r\n",
        b"get a\r\n" => b"VALUE a 0 1\r\nx\r\nEND\r\n";
    a_bad_block_without_reply:
        b"set a 0 0 1 noreply\r\nyy\r\nget a\r\n" => b"ERROR\r\nEND\r\n";

    a_control_character_is_part_of_a_key:
        b"set a\x01\tb\x7f 0 0 1\r\nx\r\n" => b"STORED\r\n",
        b"get a\x01\tb\x7f\r\n" => b"VALUE a\x01\tb\x7f 0 1\r\nx\r\nEND\r\n";
    a_nul_ends_a_line:
        b"get a\0b c\r\nget\0 a\r\n" => b"END\r\nERROR\r\n";
    bytes_beyond_ascii_are_part_of_a_key:
        b"set \xff\xc3 0 0 1\r\n\xfe\r\n" => b"STORED\r\n",
        b"get \xff\xc3\r\n" => b"VALUE \xff\xc3 0 1\r\n\xfe\r\nEND\r\n";
    bytes_beyond_ascii_are_no_number:
        b"set a \xff 0 1\r\n" => b"CLIENT_ERROR bad command line format\r\n";
    a_request_of_http_ends_the_connection:
        b"POST / HTTP/1.1\r\nHost: a\r\n\r\nset a 0 0 1\r\nx\r\n" => b"";
}
