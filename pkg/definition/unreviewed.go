package definition

import "strings"

// oneArgument are functions of pg_catalog with one argument, in PostgreSQL 14 to 18 and in the extensions that ship
// with it. They are not in the lists of silent functions. PostgreSQL reads x.f as a call of such a function if x has no
// field f. A test compares the list with a server. The list has no names that begin with pg_, because all such names
// are refused.
var oneArgument = words(`_intbig_in _intbig_out _pg_expandarray aclexplode aclitemin aclitemout amvalidate any_in any_out anyarray_in
	anyarray_out anyarray_send anycompatible_in anycompatible_out anycompatiblearray_in anycompatiblearray_out
	anycompatiblearray_send anycompatiblemultirange_out anycompatiblenonarray_in anycompatiblenonarray_out
	anycompatiblerange_out anyelement_in anyelement_out anyenum_in anyenum_out anymultirange_out anynonarray_in
	anynonarray_out anyrange_out array_out array_send bit_out bit_send bitnot bittypmodin bittypmodout boolin boolout
	boolsend box_center box_in box_out box_send bpcharout bpcharsend bpchartypmodin bpchartypmodout bqarr_in bqarr_out
	brin_bloom_summary_in brin_bloom_summary_out brin_bloom_summary_send brin_metapage_info brin_minmax_multi_summary_in
	brin_minmax_multi_summary_out brin_minmax_multi_summary_send brin_page_type brin_revmap_data brin_summarize_new_values
	bt_index_check bt_index_parent_check bt_metap bt_page_items btequalimage btvarstrequalimage byteain byteaout byteasend
	cash_in cash_out cash_send cash_words charin charout charsend cidin cidout cidr_in cidr_out cidr_send cidsend
	circle_center circle_in circle_out circle_send citext_hash citextin citextout citextsend crosstab crosstab2 crosstab3
	crosstab4 cstring_in cstring_out cstring_send cube_in cube_out cube_send current_schemas current_setting date_in
	date_out date_send daterange_canonical dblink dblink_cancel_query dblink_close dblink_connect dblink_connect_u
	dblink_disconnect dblink_error_message dblink_exec dblink_get_notify dblink_get_pkey dblink_get_result dblink_is_busy
	dcbrt dexp dlog1 dlog10 dround dsqrt dtrunc ean13_in ean13_out enum_out enum_send event_trigger_out fdw_handler_in
	fdw_handler_out float4abs float4in float4out float4send float4um float4up float8_corr float8_covar_pop float8_covar_samp
	float8_regr_avgx float8_regr_avgy float8_regr_intercept float8_regr_r2 float8_regr_slope float8_regr_sxx float8_regr_sxy
	float8_regr_syy float8_stddev_pop float8_stddev_samp float8_var_pop float8_var_samp float8abs float8in float8out
	float8send float8um float8up fmgr_c_validator fmgr_internal_validator fmgr_sql_validator fsm_page_contents
	gbtreekey16_in gbtreekey16_out gbtreekey2_in gbtreekey2_out gbtreekey32_in gbtreekey32_out gbtreekey4_in gbtreekey4_out
	gbtreekey8_in gbtreekey8_out gbtreekey_var_in gbtreekey_var_out ghstore_in ghstore_out gin_clean_pending_list
	gin_leafpage_items gin_metapage_info gin_page_opaque_info gist_page_items_bytea gist_page_opaque_info
	gist_translate_cmptype_common gtrgm_in gtrgm_out gtsvectorin gtsvectorout hash_aclitem hash_array hash_metapage_info
	hash_multirange hash_numeric hash_page_items hash_page_stats hash_page_type hash_range hash_record hashbool hashbpchar
	hashbytea hashchar hashcid hashdate hashean13 hashenum hashfloat4 hashfloat8 hashinet hashint2 hashint4 hashint8
	hashisbn hashisbn13 hashismn hashismn13 hashissn hashissn13 hashmacaddr hashmacaddr8 hashname hashoid hashoidvector
	hashtext hashtid hashupc hashxid hashxid8 heap_page_items hstore_hash hstore_in hstore_out hstore_send
	hstore_version_diag index_am_handler_in index_am_handler_out inet_in inet_out inet_send inetnot int2abs int2in
	int2int4_sum int2not int2out int2send int2um int2up int2vectorin int2vectorout int2vectorsend int4abs int4in int4inc
	int4not int4out int4range_canonical int4send int4um int4up int8abs int8dec int8in int8not int8out int8range_canonical
	int8send int8um int8up int_array_aggregate int_array_enum internal_in interval_avg interval_hash interval_out
	interval_send interval_um intervaltypmodin intervaltypmodout isbn13_in isbn_in ismn13_in ismn_in isn_out isn_weak
	issn13_in issn_in json_agg_strict json_in json_out json_send jsonb_agg_strict jsonb_hash jsonb_in jsonb_out jsonb_send
	jsonpath_in jsonpath_out jsonpath_send language_handler_in language_handler_out line_horizontal line_in line_out
	line_send line_vertical lo_close lo_creat lo_create lo_get lo_import lo_oid lo_tell lo_tell64 lo_unlink lquery_in
	lquery_out lquery_send lseg_center lseg_horizontal lseg_in lseg_length lseg_out lseg_send lseg_vertical ltree_gist_in
	ltree_gist_out ltree_in ltree_out ltree_send ltxtq_in ltxtq_out ltxtq_send macaddr8_in macaddr8_not macaddr8_out
	macaddr8_send macaddr_in macaddr_not macaddr_out macaddr_send multirange_out multirange_send mxid_age namein nameout
	namesend numeric_abs numeric_exp numeric_inc numeric_ln numeric_out numeric_send numeric_sqrt numeric_uminus
	numeric_uplus numerictypmodin numerictypmodout obj_description oidin oidout oidsend oidvectorin oidvectorout
	oidvectorsend oidvectortypes page_header path_center path_in path_length path_npoints path_out path_send
	pgp_armor_headers pgp_key_id pgrowlocks pgstatginindex pgstathashindex pgstatindex pgstattuple pgstattuple_approx
	plpgsql_validator point_in point_out point_send poly_center poly_in poly_npoints poly_out poly_send
	postgres_fdw_disconnect range_out range_send record_out record_send regclassin regclassout regclasssend regcollationin
	regcollationout regcollationsend regconfigin regconfigout regconfigsend regdictionaryin regdictionaryout
	regdictionarysend regnamespacein regnamespaceout regnamespacesend regoperatorin regoperatorout regoperatorsend regoperin
	regoperout regopersend regprocedurein regprocedureout regproceduresend regprocin regprocout regprocsend regrolein
	regroleout regrolesend regtypein regtypeout regtypesend row_security_active seg_in seg_out set_limit shell_in shell_out
	spg_poly_quad_compress ssl_client_dn_field ssl_issuer_field table_am_handler_in table_am_handler_out textin textlen
	textout textsend tidin tidout tidsend time_hash time_out time_send timestamp_hash timestamp_out timestamp_send
	timestamptypmodin timestamptypmodout timestamptz_hash timestamptz_out timestamptz_send timestamptztypmodin
	timestamptztypmodout timetypmodin timetypmodout timetz_hash timetz_out timetz_send timetztypmodin timetztypmodout
	to_regclass to_regcollation to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure to_regrole to_regtype
	to_regtypemod trigger_out ts_debug ts_stat ts_token_type tsm_handler_in tsm_handler_out tsquery_not tsqueryin tsqueryout
	tsquerysend tsvectorin tsvectorout tsvectorsend txid_snapshot_in txid_snapshot_out txid_snapshot_send txid_snapshot_xip
	txid_snapshot_xmax txid_snapshot_xmin txid_status unicode_assigned unknownin unknownout unknownsend upc_in uuid_hash
	uuid_in uuid_out uuid_send varbit_out varbit_send varbittypmodin varbittypmodout varcharout varcharsend varchartypmodin
	varchartypmodout verify_heapam void_in void_out void_send xid8in xid8out xid8send xidin xidout xidsend
	xml_encode_special_chars xml_in xml_out xml_send xml_valid xmltext`)

// refusedField reports whether a field may be a function of PostgreSQL that is not silent.
func refusedField(name string) bool {
	return oneArgument[name] || strings.HasPrefix(name, "pg_") || strings.HasPrefix(name, "binary_upgrade_") || strings.HasPrefix(name, "dblink")
}
