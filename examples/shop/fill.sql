-- Fills the shop with invented people, which are the same every time.
-- There are 5,000 customers and about three times as many orders. For another number, SET shop.customers = N first.
-- Domains, telephone numbers and card numbers are from ranges that nobody owns.

CREATE FUNCTION pg_temp.roll(i bigint, salt int, n int) RETURNS int IMMUTABLE LANGUAGE sql
    AS 'SELECT ((hashint8extended($1, $2) & 2147483647) % $3)::int';
CREATE FUNCTION pg_temp.given(i bigint, salt int) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT ('{Anna,Ben,Chiara,David,Élodie,Farid,Grace,Henrik,Ines,Jürgen,Katarzyna,Liam,Maja,Noah,Olga,Pavel,Quentin,Rosa,Søren,Tomás,Ulla,Viktor,Wanda,Xenia,Yusuf,Zoë,Amélie,Björn,Carmen,Dmitri,Eszter,Fiona}'::text[])[1 + pg_temp.roll($1, $2, 32)] $$;
CREATE FUNCTION pg_temp.family(i bigint, salt int) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT ('{Andersson,Becker,Costa,Dubois,Eriksen,Fischer,García,Horvat,Ivanova,Jansen,Kowalska,Lindqvist,Müller,Novák,O''Brien,Pereira,Quist,Rossi,Schneider,Tóth,Urban,van den Berg,Weiß,Yılmaz,Zimmermann,Ávila,Bianchi,Çelik,Dvořák,Fernández,Großmann,Håkansson}'::text[])[1 + pg_temp.roll($1, $2, 32)] $$;
-- A number from the ranges that France and the United Kingdom keep for films. There are 61,000, so that few people share one.
CREATE FUNCTION pg_temp.phone(i bigint, salt int) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE WHEN n < 60000 THEN '+33 ' || ('{1 99 00,2 61 91,3 53 01,4 65 71,5 36 49,6 39 98}'::text[])[1 + n / 10000] || ' ' || to_char(n % 10000, 'FM00" "00')
        ELSE '+44 7700 900' || lpad((n % 1000)::text, 3, '0') END
    FROM pg_temp.roll($1, $2, 61000) n $$;
CREATE FUNCTION pg_temp.street(i bigint, salt int) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT ('{Mill Lane,Hauptstraße,Rue des Lilas,Via Garibaldi,Calle Mayor,Storgatan,Church Road,Lindenallee}'::text[])[1 + pg_temp.roll($1, $2, 8)] || ' ' || 1 + pg_temp.roll($1, $2 + 1, 180) $$;
-- A test card number. It has the prefix of the card networks' own examples, and the check digit of ISO/IEC 7812.
CREATE FUNCTION pg_temp.card(i bigint) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT body || (10 - sum(CASE WHEN p % 2 = 1 THEN (d * 2) / 10 + (d * 2) % 10 ELSE d END) % 10) % 10
    FROM (SELECT '411111' || lpad(pg_temp.roll($1, 31, 1000000000)::text, 9, '0') AS body) b,
         LATERAL (SELECT p, substr(body, p, 1)::int AS d FROM generate_series(1, 15) p) digits
    GROUP BY body $$;
-- A German account number at a bank that does not exist, with the check digits of ISO 13616.
CREATE FUNCTION pg_temp.iban(i bigint) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT 'DE' || lpad((98 - (bban || '131400')::numeric % 97)::text, 2, '0') || bban
    FROM (SELECT '00000000' || lpad(pg_temp.roll($1, 32, 1000000000)::text, 10, '0') AS bban) b $$;

INSERT INTO countries VALUES ('DE', 'Germany'), ('FR', 'France'), ('GB', 'United Kingdom'), ('IT', 'Italy'), ('SE', 'Sweden');

INSERT INTO employees (given_name, family_name, work_email, phone, national_id, hired_on, salary, manager_id)
SELECT pg_temp.given(i, 1), pg_temp.family(i, 2), 'employee' || i || '@shop.example', pg_temp.phone(i, 3),
    CASE WHEN i % 7 > 0 THEN '65' || lpad(pg_temp.roll(i, 4, 1000000000)::text, 9, '0') END,
    date '2012-01-01' + pg_temp.roll(i, 5, 4700), 30000 + pg_temp.roll(i, 6, 60000), CASE WHEN i > 1 THEN i / 4 + 1 END
FROM generate_series(1, 60) i;

INSERT INTO customers (given_name, family_name, email, user_name, phones, birth_date, card_number, tier, profile, notes, created_at)
SELECT given, family, email, login,
    CASE i % 5 WHEN 0 THEN '{}' WHEN 1 THEN ARRAY[pg_temp.phone(i, 11), pg_temp.phone(i, 12)] ELSE ARRAY[pg_temp.phone(i, 11)] END,
    CASE WHEN i % 11 > 0 THEN date '1940-01-01' + pg_temp.roll(i, 13, 24500) END,
    CASE WHEN i % 3 > 0 THEN pg_temp.card(i) END,
    (ARRAY['bronze', 'bronze', 'bronze', 'silver', 'gold'])[1 + pg_temp.roll(i, 14, 5)]::loyalty_tier,
    jsonb_build_object(
        'account', jsonb_build_object('login', login, 'name', given || ' ' || family),
        'contact', jsonb_build_object('email', email, 'phone', pg_temp.phone(i, 15)),
        'language', (ARRAY['de', 'en', 'fr', 'it', 'sv'])[1 + pg_temp.roll(i, 16, 5)],
        'newsletter', i % 2 = 0, 'points', pg_temp.roll(i, 17, 5000)),
    CASE WHEN i % 6 = 0 THEN given || ' called about the last parcel; ring back on ' || pg_temp.phone(i, 11) || ', else write to ' || email || '. ' || given || ' ' || family || ' is ' || login || ' in the shop.'
         WHEN i % 17 = 0 THEN 'Card ' || pg_temp.card(i) || E' was declined.\nMs/Mr ' || family || ' pays by invoice.' END,
    timestamptz '2023-06-01 08:00+00' + make_interval(mins => pg_temp.roll(i, 18, 1500000))
FROM (SELECT i, pg_temp.given(i, 9) AS given, pg_temp.family(i, 10) AS family
      FROM generate_series(1, coalesce(nullif(current_setting('shop.customers', true), ''), '5000')::int) i) people,
    LATERAL (SELECT lower(translate(given || '.' || family, 'ÉéëüúøößÁáíÇçłřñåöıóŁèş '' ', 'EeeuuoosAaiCclrnaoiolLes')) || i AS dotted) d,
    LATERAL (SELECT dotted || CASE i % 3 WHEN 0 THEN '@inbox.example' WHEN 1 THEN '@post.example' ELSE '@mail.example' END AS email,
        replace(dotted, '.', '_') AS login) accounts;

INSERT INTO addresses (customer_id, street, postcode, city, country_code)
SELECT customer_id, pg_temp.street(customer_id, 20 + n), lpad(pg_temp.roll(customer_id, 22 + n, 100000)::text, 5, '0'),
    (ARRAY['Köln', 'Lyon', 'Leeds', 'Torino', 'Malmö', 'Kiel'])[1 + pg_temp.roll(customer_id, 24 + n, 6)],
    (ARRAY['DE', 'FR', 'GB', 'IT', 'SE'])[1 + pg_temp.roll(customer_id, 24 + n, 5)]
FROM customers, generate_series(1, 2) n WHERE n = 1 OR customer_id % 4 = 0 ORDER BY customer_id, n;

-- Many clients run a script in one transaction. A transaction cannot alter a table whose rows still have deferred
-- constraints to be checked. So check the constraints now.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE customers DISABLE TRIGGER customers_touch;
UPDATE customers SET default_address_id = a.address_id
FROM (SELECT customer_id, min(address_id) AS address_id FROM addresses GROUP BY customer_id) a
WHERE a.customer_id = customers.customer_id AND customers.customer_id % 8 > 0;
ALTER TABLE customers ENABLE TRIGGER customers_touch;

INSERT INTO products (sku, name, price, tags)
SELECT 'SKU-' || lpad(i::text, 5, '0'),
    (ARRAY['Oak', 'Steel', 'Linen', 'Glass', 'Cork'])[1 + i % 5] || ' ' || (ARRAY['lamp', 'chair', 'shelf', 'bowl', 'frame', 'clock', 'tray'])[1 + i % 7] || ' ' || i,
    4.9 + pg_temp.roll(i, 40, 20000) / 100.0, CASE WHEN i % 3 = 0 THEN '{new,sale}' ELSE '{}' END::text[]
FROM generate_series(1, 400) i;

INSERT INTO orders (ordered_at, customer_id, status, ship_to, total)
SELECT timestamptz '2024-01-03 09:00+00' + make_interval(secs => pg_temp.roll(i, 50, 86000000)), a.customer_id,
    (ARRAY['open', 'paid', 'shipped', 'shipped', 'shipped', 'returned'])[1 + pg_temp.roll(i, 51, 6)]::order_status,
    c.given_name || ' ' || c.family_name || E'\n' || a.street || E'\n' || a.postcode || ' ' || a.city,
    10 + pg_temp.roll(i, 52, 40000) / 100.0
FROM customers c JOIN LATERAL (SELECT * FROM addresses a WHERE a.customer_id = c.customer_id ORDER BY address_id LIMIT 1) a USING (customer_id),
    LATERAL (SELECT c.customer_id * 8 + n AS i FROM generate_series(1, pg_temp.roll(c.customer_id, 53, 7)) n) counted
ORDER BY 1;

INSERT INTO order_items
SELECT order_id, ordered_at, line, 1 + pg_temp.roll(order_id * 4 + line, 60, 400), 1 + pg_temp.roll(order_id * 4 + line, 61, 3), 5 + pg_temp.roll(order_id * 4 + line, 62, 9000) / 100.0
FROM orders, generate_series(1, 3) line WHERE line <= 1 + pg_temp.roll(order_id, 63, 3);

INSERT INTO payments (customer_id, order_id, ordered_at, card_number, iban, holder, amount, paid_at)
SELECT customer_id, order_id, ordered_at, card, CASE WHEN card IS NULL THEN pg_temp.iban(customer_id) END,
    c.given_name || ' ' || c.family_name, total, ordered_at + make_interval(mins => pg_temp.roll(order_id, 70, 3000))
FROM orders JOIN customers c USING (customer_id), LATERAL (SELECT CASE WHEN order_id % 3 > 0 THEN c.card_number END AS card) paid
WHERE status <> 'open' ORDER BY order_id;

INSERT INTO support_tickets
SELECT md5('ticket' || customer_id)::uuid, customer_id, 1 + pg_temp.roll(customer_id, 80, 60),
    created_at + interval '40 days', given_name || ' ' || family_name, email, CASE WHEN customer_id % 2 = 0 THEN user_name END, 'Parcel for ' || family_name,
    'Hello, I am ' || given_name || ' ' || family_name || ' (' || email || E').\nMy parcel did not arrive. Please write to me.'
FROM customers WHERE customer_id % 9 = 0;

INSERT INTO reviews (product_id, customer_id, user_name, signed, contact, stars, text)
SELECT 1 + pg_temp.roll(customer_id, 85, 400), customer_id, user_name, CASE WHEN customer_id % 3 = 0 THEN given_name || ' ' || family_name END,
    CASE WHEN customer_id % 4 < 2 THEN email END, 1 + pg_temp.roll(customer_id, 86, 5),
    'Good value. Questions? Ask ' || given_name || ' (' || user_name || ').'
FROM customers WHERE customer_id % 6 = 0;

INSERT INTO "Gift Cards"
SELECT upper(substr(md5('gift' || customer_id), 1, 12)), CASE WHEN customer_id % 2 = 0 THEN customer_id END, email, 10 * (1 + pg_temp.roll(customer_id, 90, 20))
FROM customers WHERE customer_id % 13 = 0;

INSERT INTO audit_log
SELECT created_at, 'employee' || 1 + pg_temp.roll(customer_id, 91, 60), '198.51.100.7', 'opened the account of ' || email
FROM customers WHERE customer_id % 20 = 0;

REFRESH MATERIALIZED VIEW revenue_by_month;
ANALYZE;
