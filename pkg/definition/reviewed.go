package definition

import "strings"

// reviewed holds the functions of pg_catalog that a silent definition may call. Every function in the list was reviewed
// with one question: can a call reach anything except its own arguments? A function is not in the list if it
//   - reads another session, a file, a directory, the log, or a catalog's statistics (pg_stat_…, pg_read_file, lo_import);
//   - runs a text as SQL, or reads a table that a text names (query_to_xml, table_to_xml, cursor_to_xml, ts_stat, ts_rewrite);
//   - changes or reads a setting, sends a notification, signals or locks (set_config, current_setting, pg_notify, pg_sleep);
//   - gives information about roles, rights or the server (has_…_privilege, inet_server_addr, version, pg_…).
//
// The list names functions. All functions of pg_catalog with that name count. Most of them are immutable. The comment
// of a list says why some of its functions are stable, and names its volatile functions. A test compares the list with
// a server.
var reviewed = words(texts, numbers, times, arrays, documents, searches, shapes, networks, binaries, identities, aggregates, supports, casts,
	since15, since16, since17, since18)

const (
	// texts compute with texts. A regular expression cannot run code. decode and convert_from only return a value, and
	// only EXECUTE would run it. Some are stable because they turn values of any type into text, or because somebody
	// can replace a conversion between encodings.
	texts = `ascii bit_length btrim char_length character_length chr concat concat_ws convert convert_from convert_to decode
		encode format initcap is_normalized left length lower lpad ltrim md5 normalize octet_length overlay parse_ident
		position quote_ident quote_literal quote_nullable regexp_match regexp_matches regexp_replace
		regexp_split_to_array regexp_split_to_table repeat replace reverse right rpad rtrim sha224 sha256 sha384 sha512
		similar_escape similar_to_escape split_part starts_with strpos substr substring to_ascii to_hex translate unistr
		upper textlike texticlike textregexeq like notlike`

	// numbers compute with numbers. The volatile random and setseed use the session's own generator. to_number is
	// stable because it reads the locale.
	numbers = `abs acos acosd acosh asin asind asinh atan atan2 atan2d atand atanh cbrt ceil ceiling cos cosd cosh cot cotd
		degrees div exp factorial floor gcd lcm ln log log10 min_scale mod pi pow power radians random round scale
		setseed sign sin sind sinh sqrt tan tand tanh trim_scale trunc width_bucket to_number`

	// times compute with times. Many are stable because they read the start of the transaction, the time zone or the
	// locale. The volatile clock_timestamp and timeofday read the clock. In PostgreSQL 14, timezone is volatile, too.
	times = `age clock_timestamp date_bin date_part date_trunc extract isfinite justify_days justify_hours justify_interval
		make_date make_interval make_time make_timestamp make_timestamptz now overlaps statement_timestamp timeofday
		timezone to_char to_date to_timestamp transaction_timestamp`

	// arrays compute with arrays, ranges, rows and enums, and make series of values. Some are stable because they write
	// values of any type, read the labels of an enum, or add days in a time zone.
	arrays = `array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position array_positions
		array_prepend array_remove array_replace array_to_string array_upper cardinality enum_first enum_last enum_range
		generate_series generate_subscripts isempty lower_inc lower_inf multirange num_nonnulls num_nulls range_merge
		string_to_array string_to_table trim_array unnest upper_inc upper_inf int4range int8range numrange daterange
		tsrange tstzrange int4multirange int8multirange nummultirange datemultirange tsmultirange tstzmultirange`

	// documents compute with JSON and XML values. Entities and addresses outside of an XML document are not loaded.
	// Some are stable because they read and write values of any type, or read the time zone or xmloption.
	documents = `array_to_json json_array_elements json_array_elements_text json_array_length json_build_array json_build_object
		json_each json_each_text json_extract_path json_extract_path_text json_object json_object_keys
		json_populate_record json_populate_recordset json_strip_nulls json_to_record json_to_recordset json_typeof
		jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object
		jsonb_concat jsonb_contained jsonb_contains jsonb_delete jsonb_delete_path jsonb_each jsonb_each_text
		jsonb_exists jsonb_exists_all jsonb_exists_any jsonb_extract_path jsonb_extract_path_text jsonb_insert
		jsonb_object jsonb_object_keys jsonb_path_exists jsonb_path_exists_tz jsonb_path_match jsonb_path_match_tz
		jsonb_path_query jsonb_path_query_array jsonb_path_query_array_tz jsonb_path_query_first
		jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record jsonb_populate_recordset jsonb_pretty
		jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_typeof row_to_json to_json
		to_jsonb xml_is_well_formed xml_is_well_formed_content xml_is_well_formed_document xmlcomment xmlexists xpath
		xpath_exists`

	// searches compute with texts for searching. Some are only stable because they use dictionaries of the server, and
	// these can change. The volatile tsvector_update_trigger and tsvector_update_trigger_column change the row of their
	// trigger.
	searches = `array_to_tsvector json_to_tsvector jsonb_to_tsvector numnode phraseto_tsquery plainto_tsquery querytree
		setweight strip to_tsquery to_tsvector ts_delete ts_filter ts_headline ts_match_qv ts_match_vq ts_rank
		ts_rank_cd tsquery_phrase tsvector_to_array tsvector_update_trigger tsvector_update_trigger_column
		websearch_to_tsquery`

	shapes = `area bound_box box center circle diagonal diameter height isclosed ishorizontal isopen isparallel isperp
		isvertical line lseg npoints path pclose point polygon popen radius slope width`

	networks = `abbrev broadcast family host hostmask inet_merge inet_same_family macaddr8_set7bit masklen netmask network
		set_masklen`

	binaries = `bit_count get_bit get_byte set_bit set_byte`

	// identities make new values: the volatile gen_random_uuid. The volatile nextval, setval, currval and lastval read
	// and change a sequence. A sequence is the only kind of relation that a text may name here. The volatile
	// suppress_redundant_updates_trigger compares the rows of its trigger.
	identities = `currval gen_random_uuid lastval nextval setval suppress_redundant_updates_trigger`

	// aggregates compute with many rows. Some are stable because they write values of any type.
	aggregates = `array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp cume_dist dense_rank every
		first_value json_agg json_object_agg jsonb_agg jsonb_object_agg lag last_value lead max min mode nth_value ntile
		percent_rank percentile_cont percentile_disc range_agg range_intersect_agg rank regr_avgx regr_avgy regr_count
		regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy row_number stddev stddev_pop stddev_samp string_agg
		sum var_pop var_samp variance xmlagg`

	// supports are functions of operators and aggregates: what they compute, and how many rows they estimate. The
	// estimates are stable because they read the planner's statistics. Only the planner can call them.
	supports = `array_larger array_smaller areajoinsel areasel booland_statefunc boolor_statefunc contjoinsel contsel eqjoinsel
		eqsel float4pl float8pl float8_accum float8_avg int2pl int4larger int4pl int4smaller int4_avg_accum int8larger
		int8pl int8smaller int8_avg int8inc likejoinsel likesel matchingjoinsel matchingsel neqjoinsel neqsel
		numeric_add numeric_larger numeric_smaller scalargejoinsel scalargesel scalargtjoinsel scalargtsel
		scalarlejoinsel scalarlesel scalarltjoinsel scalarltsel textcat text_larger text_smaller float8mi
		int4range_subdiff int8range_subdiff numrange_subdiff daterange_subdiff tsrange_subdiff tstzrange_subdiff`

	// casts convert a value of one type to another. Some are stable because they read the time zone, the locale or
	// xmloption. regclass is stable because it looks up a name.
	casts = `bit bool bpchar char cidr date float4 float8 int2 int4 int8 interval macaddr macaddr8 money name numeric
		oid text time timestamp timestamptz timetz varbit varchar xid xml regclass`

	// since15 and the lists after it are functions that only newer versions have.
	since15 = `regexp_count regexp_instr regexp_like regexp_substr`

	// since16: date_add and date_subtract are stable because they read the time zone. The volatile array_sample,
	// array_shuffle and random_normal use the session's generator.
	since16 = `any_value array_sample array_shuffle date_add date_subtract erf erfc random_normal`

	// since17 compute with texts and UUIDs.
	since17 = `to_bin to_oct uuid_extract_timestamp uuid_extract_version`

	// since18: the volatile uuidv4 and uuidv7 make new values.
	since18 = `array_reverse array_sort bytea casefold crc32 crc32c gamma lgamma uuidv4 uuidv7`
)

// operators are the operators of pg_catalog and of the trusted extensions. Each operator calls a reviewed function for
// comparisons, arithmetic, sets, patterns or paths.
var operators = words(`!! !~ !~* !~~ !~~* # ## #- #> #>> % & && &< &<| &> * *< *<= *<> *= *> *>= + - -> ->> -|- / < <-> << <<= <<| <=
		<> != <@ <^ = > >= >> >>= >^ ? ?# ?& ?- ?-| ?| ?|| @ @-@ @> @? @@ @@@ ^ ^@ | |&> |/ |>> || ||/ ~ ~* ~<=~ ~<~ ~= ~>=~ ~>~
		~~ ~~* #<# #<=# #= #># #>=# %# %% %> %>> <#> <% <->> <->>> <<% <<-> <<<-> <=> <@> ?<@ ?@ ?@> ?~ @@ ^<@ ^? ^@> ^~`)

// extensions are the extensions whose functions a silent definition may call, with these functions. All of them can be
// installed by the owner of a database (trusted), because they reach nothing outside of it. Some trusted extensions are
// not in the list: tablefunc runs SQL, lo reads large objects, tcn sends notifications, and plperl and pltcl are
// languages.
var extensions = map[string]string{
	"plpgsql": "", "btree_gin": "", "btree_gist": "", "dict_int": "", "tsm_system_rows": "", "tsm_system_time": "",
	"citext": "citext regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table replace split_part strpos translate max min",
	"cube": `cube cube_contained cube_contains cube_coord cube_coord_llur cube_dim cube_distance cube_enlarge cube_inter
			cube_is_point cube_ll_coord cube_overlap cube_size cube_subset cube_union cube_ur_coord distance_chebyshev distance_taxicab`,
	"fuzzystrmatch": "daitch_mokotoff difference dmetaphone dmetaphone_alt levenshtein levenshtein_less_equal metaphone soundex text_soundex",
	"hstore": `akeys avals defined delete each exist exists_all exists_any fetchval hs_concat hs_contained hs_contains hstore
			hstore_to_array hstore_to_json hstore_to_json_loose hstore_to_jsonb hstore_to_jsonb_loose hstore_to_matrix isdefined
			isexists populate_record skeys slice slice_array svals tconvert`,
	"intarray":  "boolop icount idx intset rboolop sort sort_asc sort_desc subarray uniq",
	"isn":       "ean13 is_valid isbn isbn13 ismn ismn13 issn issn13 make_valid upc",
	"ltree":     "index lca ltree2text nlevel subltree subpath text2ltree",
	"pg_trgm":   "show_limit show_trgm similarity strict_word_similarity word_similarity",
	"pgcrypto":  "armor crypt dearmor decrypt decrypt_iv digest encrypt encrypt_iv gen_random_bytes gen_random_uuid gen_salt hmac",
	"seg":       "seg seg_center seg_lower seg_size seg_upper",
	"unaccent":  "unaccent",
	"uuid-ossp": "uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3 uuid_generate_v4 uuid_generate_v5 uuid_nil uuid_ns_dns uuid_ns_oid uuid_ns_url uuid_ns_x500",
}

// silentSettings are the settings that a silent definition may change. They change how values are read, written and
// compared, how queries are planned, and how long statements may take. With another search_path, a name may mean an
// object in another schema. This is safe, because a name counts as the objects of this name in all schemas.
var silentSettings = words(`search_path timezone datestyle intervalstyle statement_timeout lock_timeout
		idle_in_transaction_session_timeout work_mem maintenance_work_mem enable_seqscan enable_nestloop enable_hashjoin
		enable_mergejoin enable_indexscan enable_bitmapscan enable_hashagg enable_sort jit random_page_cost
		effective_cache_size default_transaction_isolation extra_float_digits bytea_output xmlbinary xmloption
		default_text_search_config lc_time lc_monetary lc_numeric synchronous_commit constraint_exclusion
		plpgsql.variable_conflict pg_trgm.similarity_threshold pg_trgm.word_similarity_threshold`)

// words returns a set of the words in the lists.
func words(lists ...string) map[string]bool {
	set := map[string]bool{}
	for _, list := range lists {
		for _, word := range strings.Fields(list) {
			set[word] = true
		}
	}
	return set
}
