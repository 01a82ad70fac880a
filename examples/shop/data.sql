-- A few thousand rows, the same every time. Everybody in them is invented.
INSERT INTO countries VALUES ('DE', 'Germany'), ('FR', 'France'), ('GB', 'United Kingdom'), ('PL', 'Poland'), ('US', 'United States');

INSERT INTO teams VALUES (1, 'Warehouse', NULL), (2, 'Support', NULL), (3, 'Engineering', NULL);
INSERT INTO employees (full_name, work_email, salary, hired_on, team_id, manager_id)
SELECT n.f || ' ' || n.l, lower(n.f || '.' || n.l || i) || '@shop.example', 30000 + (i * 7919) % 60000, date '2015-01-01' + (i * 131) % 3600,
       1 + i % 3, CASE WHEN i > 3 THEN 1 + (i - 1) % 3 END
FROM generate_series(1, 30) i,
     LATERAL (SELECT (ARRAY['Ingrid','Marek','Olivia','Pierre','Sanjay','Tove','Ulla'])[1 + i % 7] f,
                     (ARRAY['Brandt','Dupont','Eriksen','Fischer','Kowalski','Novak'])[1 + i % 6] l) n;
UPDATE teams SET lead_id = id;

INSERT INTO customers (first_name, last_name, email, phone, birthday, company, tax_id, profile, nicknames, notes, referred_by, created_at)
SELECT n.f, n.l, n.handle || i || '@' || (ARRAY['gmail.com','web.de','orange.fr','wp.pl'])[1 + i % 4],
       '+49 30 ' || lpad((i * 48271 % 10000000)::text, 7, '0'),
       date '1944-01-01' + (i * 6007) % 22000,
       CASE WHEN i % 4 = 0 THEN n.l || ' & Sons Ltd' END,
       CASE WHEN i % 3 = 0 THEN 'DE' || lpad((i * 7753 % 1000000000)::text, 9, '0') END,
       jsonb_build_object('theme', (ARRAY['light','dark'])[1 + i % 2], 'newsletter', i % 3 = 0,
                          'contact', jsonb_build_object('email', n.handle || i || '@work.example', 'phones', jsonb_build_array('+33 1 ' || 40000000 + i))),
       ARRAY[left(n.f, 3), n.f || 'y'],
       CASE WHEN i % 5 = 0 THEN n.f || ' ' || n.l || ' called from +49 30 ' || lpad((i * 48271 % 10000000)::text, 7, '0') || ': please deliver to the neighbour' END,
       CASE WHEN i > 10 THEN 1 + i % 10 END,
       timestamptz '2023-01-01 00:00:00+00' + (i * 613 || ' minutes')::interval
FROM generate_series(1, 2000) i,
     LATERAL (SELECT f, l, lower(f || '.' || translate(l, 'ńüä'' ', 'nua')) AS handle FROM
             (SELECT (ARRAY['Anna','Bruno','Chiara','David','Emilia','Farid','Greta','Hugo','Irina','Jonas','Klara'])[1 + i % 11] f,
                     (ARRAY['Schmidt','Martin','Nowak','Smith','Rossi','Jansen','Olsen','Weber','Moreau','Zieliński','O''Neill','Müller','van Dijk'])[1 + i % 13] l) names) n;

INSERT INTO addresses (customer_id, street, postcode, city, country)
SELECT c.id, (1 + c.id % 180) || ' ' || (ARRAY['Lindenweg','Rue Victor Hugo','High Street','ulica Polna','Main Street'])[1 + c.id % 5],
       lpad((c.id * 769 % 100000)::text, 5, '0'), (ARRAY['Berlin','Lyon','Leeds','Gdańsk','Austin'])[1 + c.id % 5],
       (ARRAY['DE','FR','GB','PL','US'])[1 + c.id % 5]
FROM customers c, generate_series(1, 2) k WHERE c.id % 3 > 0 OR k = 1;

INSERT INTO payment_cards (customer_id, holder, pan, expires)
SELECT id, upper(first_name || ' ' || last_name), '4' || lpad((id * 982451653 % 1000000000000000)::text, 15, '0'), (date '2027-01-31' + (id % 36 || ' months')::interval)::date
FROM customers WHERE id % 2 = 0;

INSERT INTO products
SELECT i, md5('sku' || i)::uuid, (ARRAY['Teapot','Lamp','Desk','Chair','Clock'])[1 + i % 5] || ' no. ' || i, 5 + (i * 37) % 200 FROM generate_series(1, 60) i;

INSERT INTO orders (id, customer_id, status, total, ordered_at)
SELECT i, 1 + (i * 7919) % 2000, (enum_range(NULL::order_status))[1 + i % 4], 10 + (i * 31) % 500, timestamptz '2024-01-03 09:00:00+00' + (i * 173 || ' minutes')::interval
FROM generate_series(1, 6000) i;
INSERT INTO order_items
SELECT o.id, o.ordered_at, k, 1 + (o.id * k) % 60, 1 + (o.id + k) % 3 FROM orders o, generate_series(1, 2) k;

INSERT INTO support_tickets (customer_id, employee_id, subject, body, opened_at)
SELECT c.id, 1 + c.id % 30, 'Order of ' || c.last_name, 'Hello, this is ' || c.first_name || ' ' || c.last_name || ', reach me at ' || c.email || ' about my card.', c.created_at + interval '9 days'
FROM customers c WHERE c.id % 7 = 0;

INSERT INTO audit_events (at, ip, what)
SELECT created_at, ('203.0.113.' || id % 250)::inet, 'login of ' || email FROM customers;

REFRESH MATERIALIZED VIEW sales_by_country;
ANALYZE;
