select m from month order by m;
select count(*), count(distinct m) from day join month using (m);
select sum(f), sum(n) from flag;
