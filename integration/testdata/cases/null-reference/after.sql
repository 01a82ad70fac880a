select count(*) from member join team on team.id = team_id where not secret;
select count(*) from uses join pair using (a, b) where kind <> 'x';
