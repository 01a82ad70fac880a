set datestyle=iso; set search_path=public; set extra_float_digits=1; set bytea_output=hex; set intervalstyle=postgres; set timezone=utc;
select id,b,i,r,x,a,def,iv,arr,ch from t; select id,d from s; select d from pt;
