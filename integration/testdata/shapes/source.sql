-- Tables and values of unusual shape, at which tools such as masker have failed.
CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE SCHEMA "Mixed Case";
CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s "fine"');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN short AS varchar(20) CHECK (VALUE <> 'never');

CREATE TABLE "Mixed Case"."Select" (
	"Order" int PRIMARY KEY, "user" text, "ünïcode ☃" text, "has space" text, "quote""d" text, "group" "public"."citext" UNIQUE);
INSERT INTO "Mixed Case"."Select" SELECT i, 'u' || i, 'ü' || i, 's p' || i, 'q"' || i, 'G' || i FROM generate_series(1, 300) i;

CREATE TABLE no_columns ();
INSERT INTO no_columns DEFAULT VALUES;
INSERT INTO no_columns DEFAULT VALUES;
CREATE TABLE no_rows (id int PRIMARY KEY, v text);

CREATE TABLE dropped (a int, gone text, b text, gone2 int);
INSERT INTO dropped VALUES (1, 'x', 'b1', 2);
ALTER TABLE dropped DROP COLUMN gone, DROP COLUMN gone2;
INSERT INTO dropped VALUES (2, 'b2');

DO $$ BEGIN EXECUTE (SELECT 'CREATE TABLE wide (' || string_agg('c' || i || ' int', ',') || ')' FROM generate_series(1, 1600) i); END $$;
DO $$ BEGIN EXECUTE (SELECT 'INSERT INTO wide SELECT ' || string_agg('n * ' || i, ',') || ' FROM generate_series(1, 20) n' FROM generate_series(1, 1600) i); END $$;

-- Inheritance without partitioning: a child table has its own rows.
CREATE TABLE vehicle (id int, plate text);
CREATE TABLE lorry (load int) INHERITS (vehicle);
INSERT INTO vehicle SELECT i, 'CAR ' || i FROM generate_series(1, 30) i;
INSERT INTO lorry SELECT i, 'LORRY ' || i, i FROM generate_series(31, 50) i;

-- A treated partition key: rows move to another partition.
CREATE TABLE measured (id int, at date NOT NULL, v text) PARTITION BY RANGE (at);
CREATE TABLE measured_2023 PARTITION OF measured FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE measured_2024 PARTITION OF measured FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE measured_rest PARTITION OF measured DEFAULT;
INSERT INTO measured SELECT i, '2023-06-01'::date + i, 'v' || i FROM generate_series(1, 400) i;

-- Hash partitions on an enum: the hash depends on the enum's OIDs, which differ in another database.
CREATE TABLE felt (id int, m mood NOT NULL) PARTITION BY HASH (m);
CREATE TABLE felt_0 PARTITION OF felt FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE felt_1 PARTITION OF felt FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE felt_2 PARTITION OF felt FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO felt SELECT i, (enum_range(NULL::mood))[1 + i % 3] FROM generate_series(1, 90) i;

-- Partitions of partitions, whose columns have another order than those of the root.
CREATE TABLE deep (id int, k text, v text) PARTITION BY LIST (k);
CREATE TABLE deep_ab (v text, k text, id int) PARTITION BY RANGE (id);
ALTER TABLE deep ATTACH PARTITION deep_ab FOR VALUES IN ('a', 'b');
CREATE TABLE deep_ab_low PARTITION OF deep_ab FOR VALUES FROM (0) TO (50);
CREATE TABLE deep_ab_high (k text, id int, v text);
ALTER TABLE deep_ab ATTACH PARTITION deep_ab_high FOR VALUES FROM (50) TO (1000);
INSERT INTO deep SELECT i, (ARRAY['a', 'b'])[1 + i % 2], 'deep ' || i FROM generate_series(1, 100) i;

-- References of a table to itself, in a circle, composite and deferred. All follow a treated key.
CREATE TABLE worker (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, boss bigint REFERENCES worker, name text NOT NULL,
	twice int GENERATED ALWAYS AS (id * 2) STORED);
INSERT INTO worker (boss, name) SELECT NULLIF(i / 2, 0), 'Worker ' || i FROM generate_series(1, 200) i;
CREATE TABLE team (id int PRIMARY KEY, lead bigint NOT NULL REFERENCES worker, main_desk int NOT NULL);
CREATE TABLE desk (team int REFERENCES team DEFERRABLE INITIALLY DEFERRED, no int, PRIMARY KEY (team, no));
BEGIN;
INSERT INTO team SELECT i, i, 1 FROM generate_series(1, 20) i;
INSERT INTO desk SELECT i, 1 FROM generate_series(1, 20) i;
COMMIT;
ALTER TABLE team ADD CONSTRAINT team_main_desk FOREIGN KEY (id, main_desk) REFERENCES desk (team, no) DEFERRABLE INITIALLY DEFERRED;

-- Nearly all kinds of types, kept.
CREATE TABLE kinds (id serial PRIMARY KEY, f4 real, f8 double precision, n numeric, n2 numeric(10,2), m money, b boolean, d date, ts timestamp, tz timestamptz,
	t time, ttz timetz, iv interval, u uuid, by bytea, ip inet, net cidr, mac macaddr, bits bit(5), vb bit varying, j json, jb jsonb, x xml, h hstore, ct citext,
	r int4range, mr int4multirange, p point, poly polygon, tsv tsvector, tsq tsquery, e mood, es mood[], c pair, cs pair[], s short, ss short[], ar int[][],
	bp char(10), nm name, ch "char", ox oid, rc regclass, rt regtype, lsn pg_lsn, tx text[]);
INSERT INTO kinds (f4, f8, n, n2, m, b, d, ts, tz, t, ttz, iv, u, by, ip, net, mac, bits, vb, j, jb, x, h, ct, r, mr, p, poly, tsv, tsq, e, es, c, cs, s, ss, ar, bp, nm, ch, ox, rc, rt, lsn, tx) VALUES
	('NaN', '-Infinity', 'NaN', 12.30, -12.34, true, 'infinity', '-infinity', '2024-02-29 23:59:59.999999+05:30', '24:00', '12:00+14', '-1 mon +3 days -04:05:06.789',
	 '7d444840-9dc0-11d1-b245-5ffdce74fad2', '\x00ff5c4e', '::1', '10.0.0.0/8', '08:00:2b:01:02:03', '10101', '0', '{"a" : [1, 2],"a":2}', '{"ü": "\\N \u2603"}', '<a>x</a>', '"k"=>"v", "n"=>NULL', 'CiText',
	 '[1,5)', '{[1,2),[7,9)}', '(1.5,2)', '((0,0),(1,1),(2,0))', 'a:1 fat:2B', 'fat & rat', 'it''s "fine"', ARRAY['sad', NULL]::mood[], '(1,"x,y")', ARRAY['(1,a)', NULL, '(,"""")']::pair[], 'short', ARRAY['a', NULL]::short[], '[0:1][2:3]={{1,2},{3,NULL}}',
	 'pad  ', 'a name', 'c', 4294967295, 'kinds', 'integer', '16/B374D848', ARRAY['', 'NULL', NULL, E'\\N', E'tab\t', '{"', 'a,b']),
	('-0', 1e-300, 1e40, -0.01, 0, NULL, '0001-01-01 BC', '294276-12-31 23:59:59.999999', '4713-01-01 00:00:00+00 BC', '00:00', '00:00-15:59', '178000000 years',
	 NULL, '', '192.168.0.1/24', '::/0', NULL, '00000', '', 'null', '"\\"', '', '', '', 'empty', '{}', NULL, NULL, '', '', NULL, '{}', ROW(NULL, NULL), '{}', NULL, '{}', '{}', '', '', NULL, 0, NULL, NULL, NULL, '{}');
INSERT INTO kinds DEFAULT VALUES;

-- Texts that a wrong parser of COPY misreads, kept and treated.
CREATE TABLE nasty (id serial PRIMARY KEY, kept text, masked text, redacted text, token text, faked text, list text[], doc jsonb);
INSERT INTO nasty (kept, masked, redacted, token, faked, list, doc)
SELECT v, v, v, v, v, ARRAY[v, NULL, v], jsonb_build_object('secret', v, 'open', v)
FROM unnest(ARRAY['', ' ', E'\\N', E'\\.', E'\t', E'\n', E'\r\n', E'\\', E'\\\\', E'\\n', E'a\tb\nc\\d', E'\x01\x02\x7f', '''', '"', 'NULL', '{}', '{"a":1}',
	'ünïcödé ☃ 🐘', E'combining e\u0301', repeat('long ', 5000), E'\\x41', E'trailing\\', '--', ';', '$$', E'\\b\\f\\v', 'x@y.z', E'\u00a0', E'\ufeff']) v;

CREATE VIEW seen AS SELECT id, kept FROM nasty;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM seen;
CREATE INDEX ON nasty (lower(faked)) WHERE faked <> '';
