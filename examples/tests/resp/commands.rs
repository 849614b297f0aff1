//! Each command, and what it is answered. The real redis-server must agree; see `real.rs`.

use crate::transcript::transcripts;

transcripts! {
    // How commands come
    an_array_of_bulk_strings_is_a_command:
        "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\n" => "+OK\r\n",
        "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n" => "$5\r\nhello\r\n";
    a_line_of_words_is_a_command:
        "SET k 'a b'\r\nget k\n" => "+OK\r\n$3\r\na b\r\n";
    a_bulk_string_may_hold_anything:
        "*3\r\n$3\r\nset\r\n$2\r\n\r\n\r\n$6\r\n\0$1\r\n*\r\n" => "+OK\r\n",
        "*2\r\n$3\r\nget\r\n$2\r\n\r\n\r\n" => "$6\r\n\0$1\r\n*\r\n";
    empty_strings_are_strings:
        "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$0\r\n\r\n" => "+OK\r\n",
        "*2\r\n$3\r\nGET\r\n$0\r\n\r\n" => "$0\r\n\r\n";
    an_empty_line_or_array_is_nothing:
        "\r\n\n*0\r\n*-1\r\nPING\r\n" => "+PONG\r\n";
    commands_are_answered_in_order:
        "SET a 1\r\nINCR a\r\n*2\r\n$4\r\nINCR\r\n$1\r\na\r\nGET a\r\n" => "+OK\r\n:2\r\n:3\r\n$1\r\n3\r\n";
    an_unknown_command_is_shown:
        "nonsense a b\r\n" =>
            "-ERR unknown command 'nonsense', with args beginning with: 'a' 'b' \r\n";
    a_command_has_so_many_words:
        "get\r\n" => "-ERR wrong number of arguments for 'get' command\r\n",
        "GET a b\r\n" => "-ERR wrong number of arguments for 'get' command\r\n",
        "MSET a 1 b\r\n" => "-ERR wrong number of arguments for 'mset' command\r\n";
    ping_and_echo:
        "PING\r\nPING hi\r\nECHO hi\r\n" => "+PONG\r\n$2\r\nhi\r\n$2\r\nhi\r\n";
    quit_is_answered_and_ends_the_connection:
        "QUIT\r\n" => "+OK\r\n";
    a_database_is_selected_by_its_number:
        "SET k 0\r\nSELECT 1\r\nGET k\r\nSELECT 0\r\nGET k\r\n" =>
            "+OK\r\n+OK\r\n$-1\r\n+OK\r\n$1\r\n0\r\n",
        "SELECT 16\r\n" => "-ERR DB index is out of range\r\n",
        "SELECT x\r\n" => "-ERR value is not an integer or out of range\r\n";

    // Strings
    set_takes_conditions:
        "SET k 1 XX\r\nSET k 1 NX\r\nSET k 2 NX\r\nSET k 3 XX\r\nGET k\r\n" =>
            "$-1\r\n+OK\r\n$-1\r\n+OK\r\n$1\r\n3\r\n",
        "SET k 4 GET\r\nSET new 1 GET\r\nSET k 5 NX GET\r\n" => "$1\r\n3\r\n$-1\r\n$1\r\n4\r\n",
        "SET k 1 NX XX\r\nSET k 1 EX\r\nSET k 1 EX 1 PX 1\r\nSET k 1 KEEPTTL EX 5\r\n" =>
            "-ERR syntax error\r\n-ERR syntax error\r\n-ERR syntax error\r\n-ERR syntax error\r\n",
        "SET k 1 EX 0\r\nSET k 1 PX -5\r\nSET k 1 EX x\r\n" =>
            "-ERR invalid expire time in 'set' command\r\n-ERR invalid expire time in 'set' command\r\n-ERR value is not an integer or out of range\r\n",
        "SET k 1 EX 9223372036854775807\r\n" => "-ERR invalid expire time in 'set' command\r\n";
    set_forgets_the_time_to_live_unless_told:
        "SET k 1 EX 100\r\nSET k 2 KEEPTTL\r\nTTL k\r\nSET k 3\r\nTTL k\r\n" =>
            "+OK\r\n+OK\r\n:100\r\n+OK\r\n:-1\r\n";
    the_older_ways_to_set:
        "SETNX k 1\r\nSETNX k 2\r\nGETSET k 3\r\nGETDEL k\r\nGET k\r\nGETDEL k\r\n" =>
            ":1\r\n:0\r\n$1\r\n1\r\n$1\r\n3\r\n$-1\r\n$-1\r\n",
        "SETEX k 100 v\r\nTTL k\r\nPSETEX k 100000 v\r\nTTL k\r\nSETEX k 0 v\r\n" =>
            "+OK\r\n:100\r\n+OK\r\n:100\r\n-ERR invalid expire time in 'setex' command\r\n";
    getex_changes_the_time_to_live:
        "SET k v\r\nGETEX k EX 100\r\nTTL k\r\nGETEX k PERSIST\r\nTTL k\r\nGETEX k PERSIST EX 1\r\n" =>
            "+OK\r\n$1\r\nv\r\n:100\r\n$1\r\nv\r\n:-1\r\n-ERR syntax error\r\n",
        "GETEX k PXAT 1\r\nEXISTS k\r\nGETEX k\r\n" => "$1\r\nv\r\n:0\r\n$-1\r\n";
    counters_are_64_bits:
        "INCR n\r\nINCRBY n 41\r\nDECR n\r\nDECRBY n 50\r\nGET n\r\n" =>
            ":1\r\n:42\r\n:41\r\n:-9\r\n$2\r\n-9\r\n",
        "SET n 9223372036854775807\r\nINCR n\r\nDECRBY n -9223372036854775808\r\n" =>
            "+OK\r\n-ERR increment or decrement would overflow\r\n-ERR decrement would overflow\r\n",
        "SET n ' 1'\r\nINCR n\r\nINCRBY n 1.5\r\n" =>
            "+OK\r\n-ERR value is not an integer or out of range\r\n-ERR value is not an integer or out of range\r\n";
    floats_are_added_in_decimal:
        "SET n 10.50\r\nINCRBYFLOAT n 0.1\r\nINCRBYFLOAT n -5\r\nSET n 5.0e3\r\nINCRBYFLOAT n 2.0e2\r\n" =>
            "+OK\r\n$4\r\n10.6\r\n$3\r\n5.6\r\n+OK\r\n$4\r\n5200\r\n",
        "SET n 3.0\r\nINCRBYFLOAT n 1.1\r\nINCRBYFLOAT n inf\r\nINCRBYFLOAT n x\r\n" =>
            "+OK\r\n$3\r\n4.1\r\n-ERR increment would produce NaN or Infinity\r\n-ERR value is not a valid float\r\n";
    many_strings_at_once:
        "MSET a 1 b 2 a 3\r\nMGET a x b\r\nMSETNX c 1 a 1\r\nMSETNX c 1 d 1\r\nEXISTS c d a\r\n" =>
            "+OK\r\n*3\r\n$1\r\n3\r\n$-1\r\n$1\r\n2\r\n:0\r\n:1\r\n:3\r\n";
    parts_of_a_string:
        "APPEND k Hello\r\nAPPEND k ' World'\r\nSTRLEN k\r\nGETRANGE k 0 4\r\nGETRANGE k -5 -1\r\n" =>
            ":5\r\n:11\r\n:11\r\n$5\r\nHello\r\n$5\r\nWorld\r\n",
        "SETRANGE k 6 Redis\r\nGET k\r\nSETRANGE new 2 x\r\nGET new\r\nSETRANGE none 0 ''\r\n" =>
            ":11\r\n$11\r\nHello Redis\r\n:3\r\n$3\r\n\0\0x\r\n:0\r\n",
        "GETRANGE k -1 -5\r\nGETRANGE k 5 1\r\nGETRANGE k 0 -100\r\nGETRANGE x 0 1\r\n" =>
            "$0\r\n\r\n$0\r\n\r\n$1\r\nH\r\n$0\r\n\r\n",
        "SETRANGE k -1 x\r\nSETRANGE k 536870912 x\r\n" =>
            "-ERR offset is out of range\r\n-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";

    // Keys
    keys_come_and_go:
        "MSET a 1 b 2\r\nEXISTS a b a x\r\nDEL a x\r\nUNLINK b\r\nDBSIZE\r\nTYPE a\r\n" =>
            "+OK\r\n:3\r\n:1\r\n:1\r\n:0\r\n+none\r\n";
    keys_are_renamed_and_copied_with_their_time:
        "SET a 1 EX 100\r\nRENAME a b\r\nTTL b\r\nCOPY b c\r\nTTL c\r\nCOPY b c\r\nCOPY b c REPLACE\r\n" =>
            "+OK\r\n+OK\r\n:100\r\n:1\r\n:100\r\n:0\r\n:1\r\n",
        "RENAME x y\r\nCOPY b b\r\nCOPY x y\r\nRENAMENX b c\r\nRENAMENX b d\r\n" =>
            "-ERR no such key\r\n-ERR source and destination objects are the same\r\n:0\r\n:0\r\n:1\r\n",
        "COPY d d DB 1\r\nMOVE d 1\r\nMOVE d 2\r\nEXISTS d\r\n" => ":1\r\n:0\r\n:1\r\n:0\r\n";
    times_to_live_are_set_seen_and_taken_back:
        "SET k v\r\nTTL k\r\nTTL x\r\nEXPIRE k 100\r\nTTL k\r\nPERSIST k\r\nPERSIST k\r\nPTTL k\r\n" =>
            "+OK\r\n:-1\r\n:-2\r\n:1\r\n:100\r\n:1\r\n:0\r\n:-1\r\n",
        "EXPIRE k 100 XX\r\nEXPIRE k 100 NX\r\nEXPIRE k 50 GT\r\nEXPIRE k 50 LT\r\nTTL k\r\n" =>
            ":0\r\n:1\r\n:0\r\n:1\r\n:50\r\n",
        "EXPIRE k 1 NX XX\r\nEXPIRE k 1 GT LT\r\nEXPIRE k 1 AB\r\nEXPIRE k x\r\n" =>
            "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n-ERR GT and LT options at the same time are not compatible\r\n-ERR Unsupported option AB\r\n-ERR value is not an integer or out of range\r\n",
        "PEXPIREAT k 4102444800000\r\nPEXPIRETIME k\r\nEXPIRETIME k\r\nEXPIREAT k 1\r\nEXISTS k\r\n" =>
            ":1\r\n:4102444800000\r\n:4102444800\r\n:1\r\n:0\r\n",
        "EXPIRE k 9223372036854775807\r\n" => "-ERR invalid expire time in 'expire' command\r\n";
    keys_are_found_by_patterns:
        "MSET one 1 two 2\r\nKEYS t*\r\nKEYS ?n[a-f]\r\nKEYS x*\r\n" =>
            "+OK\r\n*1\r\n$3\r\ntwo\r\n*1\r\n$3\r\none\r\n*0\r\n",
        "SCAN 0 MATCH t* COUNT 100\r\nSCAN 0 TYPE list\r\nSCAN x\r\nSCAN 0 COUNT 0\r\n" =>
            "*2\r\n$1\r\n0\r\n*1\r\n$3\r\ntwo\r\n*2\r\n$1\r\n0\r\n*0\r\n-ERR invalid cursor\r\n-ERR syntax error\r\n";
    everything_is_flushed:
        "SET k v\r\nRANDOMKEY\r\nFLUSHDB\r\nDBSIZE\r\nRANDOMKEY\r\nFLUSHALL ASYNC\r\nFLUSHALL x\r\n" =>
            "+OK\r\n$1\r\nk\r\n+OK\r\n:0\r\n$-1\r\n+OK\r\n-ERR syntax error\r\n";
    encodings_are_those_of_redis:
        "SET i 12345\r\nSET e abc\r\nAPPEND r abc\r\nAPPEND r d\r\nRPUSH l a\r\nHSET h f v\r\nSADD s 1\r\nSADD t a\r\nSADD t b\r\n" =>
            "+OK\r\n+OK\r\n:3\r\n:4\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n",
        "OBJECT ENCODING i\r\nOBJECT ENCODING e\r\nOBJECT ENCODING r\r\nOBJECT ENCODING l\r\n" =>
            "$3\r\nint\r\n$6\r\nembstr\r\n$3\r\nraw\r\n$9\r\nquicklist\r\n",
        "OBJECT ENCODING h\r\nOBJECT ENCODING s\r\nOBJECT ENCODING t\r\nOBJECT ENCODING x\r\n" =>
            "$8\r\nlistpack\r\n$6\r\nintset\r\n$9\r\nhashtable\r\n$-1\r\n";
    a_key_of_another_type_is_refused:
        "RPUSH l a\r\nGET l\r\nINCR l\r\nSADD l a\r\nHSET l f v\r\nSET l x GET\r\n" =>
            ":1\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

    // Lists
    lists_are_pushed_and_popped_at_both_ends:
        "RPUSH l b c\r\nLPUSH l a z\r\nLRANGE l 0 -1\r\nLPOP l\r\nRPOP l\r\nLLEN l\r\n" =>
            ":2\r\n:4\r\n*4\r\n$1\r\nz\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nz\r\n$1\r\nc\r\n:2\r\n",
        "LPOP l 0\r\nLPOP l 5\r\nEXISTS l\r\nLPOP l\r\nLPOP l 1\r\nLPOP l -1\r\n" =>
            "*0\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n:0\r\n$-1\r\n*-1\r\n-ERR value is out of range, must be positive\r\n",
        "LPUSHX l a\r\nRPUSHX l a\r\nLLEN l\r\n" => ":0\r\n:0\r\n:0\r\n";
    items_have_places:
        "RPUSH l a b c\r\nLINDEX l 0\r\nLINDEX l -1\r\nLINDEX l 3\r\nLSET l 1 x\r\nLSET l 3 x\r\nLSET none 0 x\r\n" =>
            ":3\r\n$1\r\na\r\n$1\r\nc\r\n$-1\r\n+OK\r\n-ERR index out of range\r\n-ERR no such key\r\n",
        "LINSERT l BEFORE x w\r\nLINSERT l AFTER nope w\r\nLINSERT none AFTER a b\r\nLINSERT l BESIDE a b\r\nLRANGE l -100 100\r\n" =>
            ":4\r\n:-1\r\n:0\r\n-ERR syntax error\r\n*4\r\n$1\r\na\r\n$1\r\nw\r\n$1\r\nx\r\n$1\r\nc\r\n",
        "LTRIM l 1 2\r\nLRANGE l 0 -1\r\nLTRIM l 5 10\r\nEXISTS l\r\n" =>
            "+OK\r\n*2\r\n$1\r\nw\r\n$1\r\nx\r\n+OK\r\n:0\r\n";
    items_are_removed_from_either_end:
        "RPUSH l a b a c a\r\nLREM l -2 a\r\nLRANGE l 0 -1\r\nLREM l 0 a\r\nLREM l 1 x\r\n" =>
            ":5\r\n:2\r\n*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n:1\r\n:0\r\n";
    items_move_between_lists:
        "RPUSH a 1 2 3\r\nLMOVE a b LEFT RIGHT\r\nRPOPLPUSH a b\r\nLMOVE a a RIGHT LEFT\r\nLRANGE b 0 -1\r\n" =>
            ":3\r\n$1\r\n1\r\n$1\r\n3\r\n$1\r\n2\r\n*2\r\n$1\r\n3\r\n$1\r\n1\r\n",
        "LMOVE none b LEFT LEFT\r\nLMOVE a b UP LEFT\r\n" => "$-1\r\n-ERR syntax error\r\n";
    items_are_found:
        "RPUSH l a b c a\r\nLPOS l a\r\nLPOS l a RANK -1\r\nLPOS l a COUNT 0\r\nLPOS l x\r\nLPOS l x COUNT 1\r\n" =>
            ":4\r\n:0\r\n:3\r\n*2\r\n:0\r\n:3\r\n$-1\r\n*0\r\n",
        "LMPOP 2 none l LEFT COUNT 2\r\nLMPOP 1 none RIGHT\r\n" =>
            "*2\r\n$1\r\nl\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n*-1\r\n";

    // Hashes
    hashes_have_fields:
        "HSET h a 1 b 2\r\nHSET h a 3 c 4\r\nHGET h a\r\nHGET h x\r\nHMGET h a x c\r\nHLEN h\r\n" =>
            ":2\r\n:1\r\n$1\r\n3\r\n$-1\r\n*3\r\n$1\r\n3\r\n$-1\r\n$1\r\n4\r\n:3\r\n",
        "HGETALL h\r\nHKEYS h\r\nHVALS h\r\n" =>
            "*6\r\n$1\r\na\r\n$1\r\n3\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\nc\r\n$1\r\n4\r\n*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n*3\r\n$1\r\n3\r\n$1\r\n2\r\n$1\r\n4\r\n",
        "HDEL h a x\r\nHEXISTS h a\r\nHEXISTS h b\r\nHSETNX h b 9\r\nHSETNX h d 9\r\nHSTRLEN h d\r\n" =>
            ":1\r\n:0\r\n:1\r\n:0\r\n:1\r\n:1\r\n",
        "HSET h a\r\nHMSET h a 1\r\nHDEL h a b c d\r\nEXISTS h\r\n" =>
            "-ERR wrong number of arguments for 'hset' command\r\n+OK\r\n:4\r\n:0\r\n";
    fields_are_counters:
        "HINCRBY h n 5\r\nHINCRBY h n -7\r\nHINCRBYFLOAT h f 0.1\r\nHINCRBYFLOAT h f 0.2\r\n" =>
            ":5\r\n:-2\r\n$3\r\n0.1\r\n$3\r\n0.3\r\n",
        "HSET h s x\r\nHINCRBY h s 1\r\nHINCRBYFLOAT h s 1\r\nHINCRBY h n x\r\n" =>
            ":1\r\n-ERR hash value is not an integer\r\n-ERR hash value is not a float\r\n-ERR value is not an integer or out of range\r\n";

    // Sets
    sets_have_members:
        "SADD s 3 1 2 1\r\nSMEMBERS s\r\nSISMEMBER s 1\r\nSISMEMBER s x\r\nSCARD s\r\nSREM s 1 x\r\n" =>
            ":3\r\n*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n:1\r\n:0\r\n:3\r\n:1\r\n",
        "SMISMEMBER s 2 9\r\nSMOVE s t 2\r\nSMOVE s t 9\r\nSREM s 3\r\nEXISTS s\r\n" =>
            "*2\r\n:1\r\n:0\r\n:1\r\n:0\r\n:1\r\n:0\r\n";
    sets_are_combined:
        "SADD a 1 2 3\r\nSADD b 2 3 4\r\nSINTER a b\r\nSUNION a b\r\nSDIFF a b\r\nSINTER a none\r\n" =>
            ":3\r\n:3\r\n*2\r\n$1\r\n2\r\n$1\r\n3\r\n*4\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n$1\r\n4\r\n*1\r\n$1\r\n1\r\n*0\r\n",
        "SINTERSTORE c a b\r\nSDIFFSTORE c a a\r\nEXISTS c\r\nSINTERCARD 2 a b LIMIT 1\r\nSUNIONSTORE c a b\r\n" =>
            ":2\r\n:0\r\n:0\r\n:1\r\n:4\r\n";
    members_are_popped:
        "SADD s a\r\nSPOP s\r\nSPOP s\r\nSPOP s 1\r\nSADD s b\r\nSRANDMEMBER s\r\nSRANDMEMBER s -2\r\nSPOP s 9\r\nEXISTS s\r\n" =>
            ":1\r\n$1\r\na\r\n$-1\r\n*0\r\n:1\r\n$1\r\nb\r\n*2\r\n$1\r\nb\r\n$1\r\nb\r\n*1\r\n$1\r\nb\r\n:0\r\n";

    // Transactions
    a_transaction_is_carried_out_at_once:
        "MULTI\r\nSET k 1\r\nINCR k\r\nGET k\r\nEXEC\r\n" =>
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n+OK\r\n:2\r\n$1\r\n2\r\n",
        "MULTI\r\nSET k 9\r\nDISCARD\r\nGET k\r\nEXEC\r\nDISCARD\r\n" =>
            "+OK\r\n+QUEUED\r\n+OK\r\n$1\r\n2\r\n-ERR EXEC without MULTI\r\n-ERR DISCARD without MULTI\r\n",
        "MULTI\r\nMULTI\r\nWATCH k\r\nEXEC\r\n" =>
            "+OK\r\n-ERR MULTI calls can not be nested\r\n-ERR WATCH inside MULTI is not allowed\r\n*0\r\n";
    a_command_that_is_none_spoils_a_transaction:
        "MULTI\r\nSET k 1\r\nnonsense\r\nEXEC\r\nGET k\r\n" =>
            "+OK\r\n+QUEUED\r\n-ERR unknown command 'nonsense', with args beginning with: \r\n-EXECABORT Transaction discarded because of previous errors.\r\n$-1\r\n";
    a_command_that_fails_does_not:
        "MULTI\r\nSET k x\r\nINCR k\r\nSET k 1\r\nEXEC\r\n" =>
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n+OK\r\n-ERR value is not an integer or out of range\r\n+OK\r\n";
    a_watched_key_that_has_changed_spoils_it:
        "WATCH k\r\nSET k 1\r\nMULTI\r\nPING\r\nEXEC\r\n" => "+OK\r\n+OK\r\n+OK\r\n+QUEUED\r\n*-1\r\n",
        "MULTI\r\nPING\r\nEXEC\r\n" => "+OK\r\n+QUEUED\r\n*1\r\n+PONG\r\n",
        "WATCH k x\r\nGET k\r\nUNWATCH\r\nDEL k\r\nMULTI\r\nPING\r\nEXEC\r\n" =>
            "+OK\r\n$1\r\n1\r\n+OK\r\n:1\r\n+OK\r\n+QUEUED\r\n*1\r\n+PONG\r\n";

    // Publish and subscribe
    who_subscribes_says_nothing_else:
        "SUBSCRIBE a b\r\nPSUBSCRIBE p*\r\nPING\r\nGET k\r\n" =>
            "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n*3\r\n$10\r\npsubscribe\r\n$2\r\np*\r\n:3\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n",
        "UNSUBSCRIBE b\r\nUNSUBSCRIBE\r\nPUNSUBSCRIBE\r\nPUNSUBSCRIBE\r\nGET k\r\n" =>
            "*3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:2\r\n*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$12\r\npunsubscribe\r\n$2\r\np*\r\n:0\r\n*3\r\n$12\r\npunsubscribe\r\n$-1\r\n:0\r\n$-1\r\n";
    nobody_hears_what_is_published:
        "PUBLISH a hi\r\nPUBSUB CHANNELS\r\nPUBSUB NUMSUB a\r\nPUBSUB NUMPAT\r\n" =>
            ":0\r\n*0\r\n*2\r\n$1\r\na\r\n:0\r\n:0\r\n";

    // The connection and the server
    a_connection_has_a_name:
        "CLIENT GETNAME\r\nCLIENT SETNAME me\r\nCLIENT GETNAME\r\nCLIENT SETNAME 'a b'\r\nRESET\r\nCLIENT GETNAME\r\n" =>
            "$-1\r\n+OK\r\n$2\r\nme\r\n-ERR Client names cannot contain spaces, newlines or special characters.\r\n+RESET\r\n$-1\r\n";
    limits_are_configured:
        "CONFIG GET hash-max-listpack-entries\r\nCONFIG SET hash-max-listpack-entries 1\r\nHSET h a 1 b 2\r\nOBJECT ENCODING h\r\nCONFIG SET hash-max-listpack-entries 512\r\n" =>
            "*2\r\n$25\r\nhash-max-listpack-entries\r\n$3\r\n512\r\n+OK\r\n:2\r\n$9\r\nhashtable\r\n+OK\r\n",
        "CONFIG SET nonsense 1\r\nCONFIG NONSENSE\r\n" =>
            "-ERR Unknown option or number of arguments for CONFIG SET - 'nonsense'\r\n-ERR unknown subcommand 'NONSENSE'. Try CONFIG HELP.\r\n";
    the_protocol_has_two_versions:
        "HELLO x\r\nHELLO 4\r\n" =>
            "-ERR Protocol version is not an integer or out of range\r\n-NOPROTO unsupported protocol version\r\n";

    // Numbers of words, bounds, and which fault is named
    a_subscriber_is_told_which_subcommand_it_may_not_use:
        "SUBSCRIBE a\r\nPUBSUB NUMPAT\r\n" =>
            "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n-ERR Can't execute 'pubsub|numpat': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n";
    a_known_subcommand_has_so_many_words:
        "CLIENT GETNAME x\r\nOBJECT FREQ\r\nCONFIG GET\r\nMEMORY USAGE\r\n" =>
            "-ERR wrong number of arguments for 'client|getname' command\r\n-ERR wrong number of arguments for 'object|freq' command\r\n-ERR wrong number of arguments for 'config|get' command\r\n-ERR wrong number of arguments for 'memory|usage' command\r\n",
        "CLIENT x\r\nPUBSUB CHANNELS a b\r\n" =>
            "-ERR unknown subcommand 'x'. Try CLIENT HELP.\r\n-ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP.\r\n",
        "MULTI\r\nCONFIG SET a\r\nEXEC\r\n" =>
            "+OK\r\n-ERR wrong number of arguments for 'config|set' command\r\n-EXECABORT Transaction discarded because of previous errors.\r\n";
    exec_with_arguments_ends_the_transaction:
        "MULTI\r\nSET k 1\r\nEXEC now\r\nEXEC\r\nEXISTS k\r\n" =>
            "+OK\r\n+QUEUED\r\n-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command\r\n-ERR EXEC without MULTI\r\n:0\r\n";
    an_argument_is_shown_as_a_c_string:
        "*2\r\n$3\r\nfoo\r\n$3\r\na\0b\r\n" =>
            "-ERR unknown command 'foo', with args beginning with: 'a' \r\n";
    whoever_logs_in_is_the_default_user:
        "AUTH default x\r\nAUTH a b\r\nAUTH x\r\n" =>
            "+OK\r\n-WRONGPASS invalid username-password pair or user is disabled.\r\n-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n",
        "HELLO 2 AUTH a b\r\n" => "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
    a_setting_is_made_with_all_others_or_not:
        "CONFIG SET set-max-intset-entries 7 nosuch 1\r\nCONFIG GET set-max-intset-entries\r\n" =>
            "-ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'\r\n*2\r\n$22\r\nset-max-intset-entries\r\n$3\r\n512\r\n",
        "CONFIG SET hash-max-listpack-value x\r\nCONFIG SET save a save b\r\n" =>
            "-ERR CONFIG SET failed (possibly related to argument 'hash-max-listpack-value') - argument must be a memory value\r\n-ERR CONFIG SET failed (possibly related to argument 'save') - duplicate parameter\r\n",
        "CONFIG SET set-max-intset-entries -1\r\n" =>
            "-ERR CONFIG SET failed (possibly related to argument 'set-max-intset-entries') - argument must be between 0 and 9223372036854775807 inclusive\r\n";
    numbers_have_bounds:
        "SELECT 3000000000\r\n" =>
            "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n",
        "SWAPDB 0 3000000000\r\n" => "-ERR invalid second DB index\r\n",
        "SPOP k x\r\nSPOP k x y\r\nLPOP k 1.0\r\n" =>
            "-ERR value is out of range, must be positive\r\n-ERR syntax error\r\n-ERR value is out of range, must be positive\r\n",
        "SRANDMEMBER k -9223372036854775808\r\n" =>
            "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807\r\n",
        "HRANDFIELD k 4611686018427387904 WITHVALUES\r\n" => "-ERR value is out of range\r\n";
    the_first_fault_is_named:
        "LPOS k v RANK 0 COUNT -1\r\nLPOS k v MAXLEN -1 RANK\r\n" =>
            "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list\r\n-ERR MAXLEN can't be negative\r\n",
        "SINTERCARD 1 k LIMIT -1 x\r\nLMPOP 1 k LEFT COUNT 0 COUNT 1\r\n" =>
            "-ERR LIMIT can't be negative\r\n-ERR count should be greater than 0\r\n",
        "HSCAN k 0 COUNT 0\r\nSET k v\r\nHSCAN k 0 COUNT 0\r\nSCAN 0 COUNT x y\r\n" =>
            "*2\r\n$1\r\n0\r\n*0\r\n+OK\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n-ERR value is not an integer or out of range\r\n",
        "GETEX new EX 0\r\nGETEX k EX 0\r\n" =>
            "$-1\r\n-ERR invalid expire time in 'getex' command\r\n";
    a_part_of_a_string_that_ends_before_it_begins_is_empty:
        "SET k v\r\nGETRANGE k -2 -10\r\nGETRANGE k -10 -2\r\n" => "+OK\r\n$0\r\n\r\n$1\r\nv\r\n";
    the_last_moments_of_all_can_be_asked_for:
        "SET k v\r\nPEXPIREAT k 9223372036854775806\r\nEXPIRETIME k\r\nPEXPIRETIME k\r\n" =>
            "+OK\r\n:1\r\n:9223372036854776\r\n:9223372036854775806\r\n";
    a_sum_of_floats_is_rounded_in_80_bits:
        "SET k 1234567.1\r\nINCRBYFLOAT k 0.2\r\nSET k 1e3\r\nINCRBYFLOAT k 1\r\nOBJECT ENCODING k\r\n" =>
            "+OK\r\n$25\r\n1234567.30000000000006821\r\n+OK\r\n$4\r\n1001\r\n$6\r\nembstr\r\n";
    a_command_that_is_not_known_is_null_in_command_info:
        "COMMAND INFO nosuch\r\n" => "*1\r\n$-1\r\n";
}
