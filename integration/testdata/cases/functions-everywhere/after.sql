select count(*) from app.t; select count(*) from app.m; select count(*) from app.u;
