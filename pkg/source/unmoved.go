package source

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/provenance"
)

// unmoved reads the names of settings that a refresh does not copy, and counts the comments and security labels. It
// reads no value of a setting, and no text of a comment.
func (r *reader) unmoved(d *catalog.Database) {
	for _, u := range rows[struct {
		Settings []string
		Comment  bool
		Comments int64
		Labels   int64
	}](r, `SELECT ARRAY(SELECT DISTINCT split_part(c, '=', 1) FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) c WHERE s.setdatabase = d.oid ORDER BY 1),
			EXISTS (SELECT FROM regexp_split_to_table(shobj_description(d.oid, 'pg_database'), E'\n') line WHERE line <> '' AND NOT starts_with(line, 'masker: ')),
			(SELECT count(*) FROM pg_description c WHERE c.objoid >= 16384 AND c.classoid <> 'pg_extension'::regclass AND NOT starts_with(c.description, '`+provenance.Comment+`')
				AND NOT EXISTS (SELECT FROM pg_depend m WHERE m.classid = c.classoid AND m.objid = c.objoid AND m.deptype = 'e')),
			(SELECT count(*) FROM pg_seclabel) + (SELECT count(*) FROM pg_shseclabel l WHERE l.classoid = 'pg_database'::regclass AND l.objoid = d.oid)
		FROM pg_database d WHERE d.datname = current_database()`) {
		d.Unmoved = catalog.Unmoved{Settings: u.Settings, Comment: u.Comment, Comments: int(u.Comments), Labels: int(u.Labels)}
	}
}
