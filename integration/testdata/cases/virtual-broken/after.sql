select count(*), sum(price) from item;
