select count(*), count(distinct price), count(distinct hundreds), count(distinct part) from item;
