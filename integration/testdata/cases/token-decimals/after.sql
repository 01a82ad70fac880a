select count(*), count(distinct price), count(distinct big), min(price) >= -10 from item;
