select id from part where code = '' and short = '';
