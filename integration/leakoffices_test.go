package integration

// offices has five databases of different trades in one: a clinic, a bank, a forum, a personnel
// office and a telephone company. Their kept columns hold what kept columns of real databases hold:
// enums, codes, small numbers, dates, numbers of invoices, members of staff by number, remarks.
// Many people share a name, and some have the same name as a member of staff.
const offices = inventors + `
CREATE FUNCTION pick(i bigint, v text[]) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT v[1 + (i * 7919 % array_length(v, 1))] $$;
CREATE FUNCTION given(i bigint) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT pick(i, ARRAY['Anna','Maria','John','Peter','Laura','Ahmed','Mei','Olga','Jean','Carlos','Fatima','Emma','Liam','Noah','Ida','Jonas']) $$;
CREATE FUNCTION family(i bigint) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT CASE WHEN i % 3 = 0 THEN pick(i / 3, ARRAY['Smith','Garcia','Rossi','Kim','Novak','Berg','May','Young','Day','Rose']) ELSE initcap(pseudo('family', i::int, 7)) END $$;
CREATE SCHEMA clinic; CREATE TYPE clinic.blood AS ENUM ('A+', 'A-', 'B+', 'B-', '0+', '0-'); CREATE TYPE clinic.state AS ENUM ('planned', 'arrived', 'done', 'cancelled');
CREATE TABLE clinic.doctor (id int PRIMARY KEY, name text, room text, extension int);
CREATE TABLE clinic.patient (id int PRIMARY KEY, given_name text, family_name text, born date, insurance_no text UNIQUE, phone text, email text, street text, city text, blood clinic.blood, created_by int REFERENCES clinic.doctor, created_at timestamptz);
CREATE TABLE clinic.visit (id bigint PRIMARY KEY, patient_id int REFERENCES clinic.patient, doctor_id int REFERENCES clinic.doctor, at timestamptz, icd text, state clinic.state, invoice text, price numeric(8,2), letter text, findings jsonb);
INSERT INTO clinic.doctor SELECT i, 'Dr. ' || given(i) || ' ' || family(i), 'R-' || 100 + i, 4000 + i FROM generate_series(1, 40) i;
INSERT INTO clinic.patient SELECT i, given(i), family(i), date '1930-01-01' + (i * 37) % 30000, chr(65 + i % 26) || digits('insured', i, 9), '+49 89 ' || digits('clinic phone', i, 7), lower(given(i) || '.' || family(i)) || i || '@post.example',
	pick(i, ARRAY['Main Street','High Street','Park Road','Mill Lane']) || ' ' || i % 180, pick(i, ARRAY['Paris','London','York','Bath','Reading']), ('{A+,A-,B+,B-,0+,0-}'::clinic.blood[])[1 + i % 6], 1 + i % 40, timestamptz '2021-01-01' + i * interval '7 hours' FROM generate_series(1, 3000) i;
INSERT INTO clinic.visit SELECT i, 1 + i * 31 % 3000, 1 + i % 40, timestamptz '2022-03-01' + i * interval '17 minutes', pick(i, ARRAY['J45.0','E11.9','I10','M54.5','K21.0','F32.1']), ('{planned,arrived,done,cancelled}'::clinic.state[])[1 + i % 4], 'RE-2024-' || lpad(i::text, 6, '0'),
	i % 300 + 0.5, 'Dear ' || given(1 + i * 31 % 3000) || ', your visit is on ' || (date '2022-03-01' + (i % 600)::int) || '. Call ' || '+49 89 ' || digits('clinic phone', (1 + i * 31 % 3000)::int, 7), jsonb_build_object('pressure', 100 + i % 60 || '/' || 60 + i % 40, 'pulse', 50 + i % 60, 'code', i % 97, 'device', 'MRI-' || i % 9, 'day', date '2022-03-01' + (i % 600)::int) FROM generate_series(1, 6000) i;
CREATE SCHEMA bank;
CREATE TABLE bank.holder (id bigint PRIMARY KEY, full_name text, email text, tax_id text, since date, risk smallint, segment char(2), officer text);
CREATE TABLE bank.account (id bigint PRIMARY KEY, holder_id bigint REFERENCES bank.holder, iban text UNIQUE, currency char(3), balance numeric(14,2), opened date, product text);
CREATE TABLE bank.card (id bigint PRIMARY KEY, account_id bigint REFERENCES bank.account, pan text, expires date, brand text, pin_tries smallint);
CREATE TABLE bank.transfer (id bigint PRIMARY KEY, account_id bigint REFERENCES bank.account, to_iban text, amount numeric(12,2), booked timestamptz, reference text, purpose text, trace uuid, batch bigint);
INSERT INTO bank.holder SELECT 1000000000 + i, given(i + 5) || ' ' || family(i + 5), lower(given(i + 5) || family(i + 5)) || '.' || i || '@bank.example', digits('tax', i, 11), date '1999-01-01' + i, i % 6, pick(i, ARRAY['PK','GK','VM']), pick(i, ARRAY['Maria May','John Young','Anna Rose','Peter Berg']) FROM generate_series(1, 2500) i;
INSERT INTO bank.account SELECT 20000000 + i, 1000000000 + 1 + i % 2500, 'DE' || digits('check', i, 2) || digits('bank', i % 30, 8) || digits('account', i, 10), pick(i, ARRAY['EUR','USD','CHF']), i * 13.37, date '2001-01-01' + i, pick(i, ARRAY['giro','savings','loan']) FROM generate_series(1, 4000) i;
INSERT INTO bank.card SELECT i, 20000000 + i, luhn('5' || digits('card', i, 7) || digits('card b', i, 7)), date '2026-01-31' + i % 900, pick(i, ARRAY['visa','master']), i % 4 FROM generate_series(1, 3000) i;
INSERT INTO bank.transfer SELECT i, 20000001 + i % 4000, 'DE' || digits('check', (1 + i % 900)::int, 2) || digits('bank', ((1 + i % 900) % 30)::int, 8) || digits('account', (1 + i % 900)::int, 10), i % 900 + 0.99, timestamptz '2024-01-01' + i * interval '11 minutes', 'INV ' || 700000 + i, pick(i, ARRAY['Rent','Thank you','Order of May','Salary','Young at heart']) || ' ' || i % 12 || '/2024', md5('trace' || i)::uuid, 20240101000 + i % 365 FROM generate_series(1, 8000) i;
CREATE SCHEMA forum;
CREATE TABLE forum.member (id int PRIMARY KEY, user_name text UNIQUE, email text, ip inet, joined timestamptz, posts int, title text, settings jsonb, password text);
CREATE TABLE forum.topic (id int PRIMARY KEY, member_id int REFERENCES forum.member, slug text, tags text[], views int, pinned boolean, closed_at timestamptz);
CREATE TABLE forum.post (id bigint PRIMARY KEY, topic_id int REFERENCES forum.topic, member_id int REFERENCES forum.member, body text, likes smallint, hash text, created timestamptz, browser text);
INSERT INTO forum.member SELECT i, CASE WHEN i % 5 = 0 THEN lower(given(i)) || i ELSE pseudo('user', i, 5) || '_' || i END, pseudo('forum', i, 8) || i || '@mail.example', ('10.' || i % 250 || '.' || i * 7 % 250 || '.' || i * 13 % 250)::inet, timestamptz '2015-01-01' + i * interval '9 hours', i * 3 % 5000, pick(i, ARRAY['Newcomer','Member','Senior Member','Moderator']),
	jsonb_build_object('theme', pick(i, ARRAY['dark','light']), 'per_page', 10 + i % 4 * 10, 'signature', given(i) || ' from ' || pick(i, ARRAY['Paris','York'])), md5('salt' || i) FROM generate_series(1, 2000) i;
INSERT INTO forum.topic SELECT i, 1 + i * 7 % 2000, pick(i, ARRAY['how-to','why-does','help-with','best']) || '-' || pick(i * 3, ARRAY['linux','paris','rose','garden','smith-machine']) || '-' || i, ARRAY[pick(i, ARRAY['linux','travel','garden']), pick(i + 1, ARRAY['help','news','rose'])], i * 17 % 9000, i % 50 = 0, NULL FROM generate_series(1, 1500) i;
INSERT INTO forum.post SELECT i, 1 + i % 1500, 1 + i * 7 % 2000, pick(i, ARRAY['Thanks, that helped.','Same here since version 12.4.1234567890.','I would ask in the garden forum.','Use port 8080, not 443. See RFC 2616.']) || ' ' || given(i) || ' said so in post ' || i % 777, i % 40, md5('post' || i), timestamptz '2020-01-01' + i * interval '5 minutes', 'Mozilla/5.0 (X11; Linux x86_64) Version/' || i % 120 || '.0.4147.125' FROM generate_series(1, 8000) i;
CREATE SCHEMA hr;
CREATE TABLE hr.department (code text PRIMARY KEY, name text, cost_centre bigint, floor smallint);
CREATE TABLE hr.employee (no int PRIMARY KEY, given_name text, family_name text, login text UNIQUE, mail text, mobile text, ssn text, born date, hired date, department text REFERENCES hr.department, manager int REFERENCES hr.employee, salary numeric(9,2), grade smallint, job text);
CREATE TABLE hr.absence (id int PRIMARY KEY, employee int REFERENCES hr.employee, first date, last date, kind text, hours numeric(5,2), approved_by int, remark text);
INSERT INTO hr.department SELECT pick(i, ARRAY['IT','FIN','OPS','LAW','MED','ART','HRM']), 'Department ' || i, 4000100000 + i, i FROM generate_series(1, 7) i ON CONFLICT DO NOTHING;
INSERT INTO hr.employee SELECT 10000 + i, given(i + 9), family(i + 9), lower(left(given(i + 9), 1) || family(i + 9)) || i, lower(given(i + 9) || '.' || family(i + 9)) || i || '@corp.example', '+44 7700 ' || digits('mobile', i, 6), digits('ssn', i, 3) || '-' || digits('ssn b', i, 2) || '-' || digits('ssn c', i, 4), date '1960-01-01' + i * 7, date '2010-01-01' + i, (SELECT code FROM hr.department ORDER BY code OFFSET i % 3 LIMIT 1), CASE WHEN i > 10 THEN 10001 + i % 10 END, 30000 + i * 11, i % 12, pick(i, ARRAY['Clerk','Engineer','Lawyer','Nurse','Head of Art']) FROM generate_series(1, 2000) i;
INSERT INTO hr.absence SELECT i, 10001 + i % 2000, date '2024-01-01' + i % 360, date '2024-01-02' + i % 360, pick(i, ARRAY['leave','ill','training']), 8 * (1 + i % 3), 10001 + i % 10, pick(i, ARRAY['','agreed in May','half day','see ticket 100200300']) FROM generate_series(1, 5000) i;
CREATE SCHEMA telco;
CREATE TABLE telco.subscriber (id bigint PRIMARY KEY, msisdn text, imsi bigint, full_name text, street text, postcode text, city text, tariff text, active boolean, since date);
CREATE TABLE telco.call (id bigint PRIMARY KEY, caller text, callee text, began timestamptz, seconds int, cell int, lac int, price numeric(8,4), imei text);
CREATE TABLE telco.cell (id int PRIMARY KEY, lat numeric(9,6), lon numeric(9,6), azimuth smallint, serial text, mac macaddr);
INSERT INTO telco.subscriber SELECT i, '+33 6' || digits('msisdn', i, 8), 208010000000000 + digits('imsi', i, 9)::bigint, given(i + 3) || ' ' || family(i + 3), i % 200 || ' Rue de ' || pick(i, ARRAY['Paris','Lyon','Rome']), lpad((i * 37 % 95000)::text, 5, '0'), pick(i, ARRAY['Paris','Lyon','Nice']), pick(i, ARRAY['S','M','L','XL']), i % 9 > 0, date '2012-01-01' + i FROM generate_series(1, 3000) i;
INSERT INTO telco.call SELECT i, '+33 6' || digits('msisdn', (1 + i % 3000)::int, 8), '+33 6' || digits('msisdn', (1 + i * 7 % 3000)::int, 8), timestamptz '2024-05-01' + i * interval '41 seconds', i * 13 % 3600, 1 + i % 500, 20800 + i % 90, i % 100 * 0.0123, digits('imei', (i % 2500)::int, 8) || digits('imei b', (i % 2500)::int, 7) FROM generate_series(1, 9000) i;
INSERT INTO telco.cell SELECT i, 43 + i * 0.012345, 2 + i * 0.004567, i % 360, 'SN' || digits('serial', i, 10), ('08:00:2b' || regexp_replace(lpad(to_hex(i * 99), 6, '0'), '(..)', ':\1', 'g'))::macaddr FROM generate_series(1, 500) i;`

const officesRules = `revision: 1
packs: [baseline]
tables:
  clinic.doctor: {keep: staff by number, only: [id, room, extension], columns: {name: {class: full_name}}}
  clinic.patient:
    subject: id
    keep: not about a person alone
    only: [id, blood, created_by, created_at]
    columns: {given_name: {class: given_name, as: person}, family_name: {class: family_name, as: person}, born: {class: birth_date}, insurance_no: {treat: token}, phone: {class: phone}, email: {class: email, as: person}, street: {class: street}, city: {class: city}}
  clinic.visit:
    subject: patient_id
    keep: codes and numbers
    only: [id, patient_id, doctor_id, at, icd, state, invoice, price, findings]
    columns: {letter: {treat: redact}}
  bank.holder: {subject: id, keep: codes, only: [since, risk, segment], columns: {id: {treat: token, range: [1000000000, 9999999999]}, full_name: {class: full_name, as: person}, email: {class: email, as: person}, tax_id: {treat: token}, officer: {class: full_name}}}
  bank.account: {subject: holder_id, keep: codes, only: [id, currency, balance, opened, product], columns: {holder_id: {treat: token, range: [1000000000, 9999999999]}, iban: {class: iban}}}
  bank.card: {keep: codes, only: [id, account_id, expires, brand, pin_tries], columns: {pan: {class: pan}}}
  bank.transfer: {keep: bookings, only: [id, account_id, amount, booked, reference, purpose, trace, batch], columns: {to_iban: {class: iban}}}
  forum.member: {subject: id, keep: figures, only: [id, joined, posts, title], columns: {user_name: {class: user_name}, email: {class: email}, ip: {treat: fake.ipv4}, password: {treat: redact}, settings: {json: {$.theme: {keep: a colour}, $.per_page: {keep: a number}, $.signature: {treat: redact}}}}}
  forum.topic: {keep: topics, only: [id, member_id, slug, tags, views, pinned, closed_at]}
  forum.post: {subject: member_id, keep: figures, only: [id, topic_id, member_id, likes, hash, created, browser], columns: {body: {treat: scrub}}}
  hr.department: {keep: departments, only: [code, name, cost_centre, floor]}
  hr.employee: {subject: no, keep: places of work, only: ["no", hired, department, manager, grade, job], columns: {given_name: {class: given_name, as: person}, family_name: {class: family_name, as: person}, login: {class: user_name, as: person}, mail: {class: email, as: person}, mobile: {class: phone}, ssn: {treat: token}, born: {class: birth_date}, salary: {treat: noise, ratio: 0.1}}}
  hr.absence: {keep: days, only: [id, employee, first, last, kind, hours, approved_by, remark]}
  telco.subscriber: {subject: id, keep: tariffs, only: [id, tariff, active, since], columns: {msisdn: {class: phone}, imsi: {treat: token, range: [208010000000000, 208019999999999]}, full_name: {class: full_name}, street: {class: street}, postcode: {class: postcode}, city: {class: city}}}
  telco.call: {keep: traffic, only: [id, began, seconds, cell, lac, price], columns: {caller: {class: phone}, callee: {class: phone}, imei: {treat: token}}}
  telco.cell: {keep: masts, only: [id, lat, lon, azimuth, serial, mac]}
`
