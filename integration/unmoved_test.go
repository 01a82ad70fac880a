package integration

import (
	"strings"
	"testing"
)

// F7: masker does not copy the comment and the settings of the source's database. check and run say so in one note,
// which holds no value. If the comment is a mark of masker, there is no note about it.
func TestF7WhatBelongsToTheDatabaseIsNotedOnce(t *testing.T) {
	t.Parallel()
	s := smallSite(t)
	name := databaseName(t, s.source)
	do(t, s.source, `COMMENT ON DATABASE `+name+` IS 'masker: {"state":"published"}'`)
	const head = "not copied from the source"
	if o := s.masker(t, "check"); strings.Contains(o.stderr+o.stdout, head) {
		t.Errorf("a database without settings and comment has a note: %s", o)
	}
	do(t, s.source, `COMMENT ON DATABASE `+name+` IS 'CANARY-comment'`)
	do(t, s.source, "ALTER DATABASE "+name+" SET search_path = 'CANARY-path'")
	app := role(t, Server(t), "app", "")
	do(t, s.source, "ALTER ROLE "+app+" IN DATABASE "+name+" SET work_mem = '5MB'")
	const note = head + ", because the target keeps its own: settings of the database (search_path, work_mem), the comment on the database"
	for _, o := range []outcome{s.masker(t, "check"), s.refresh(t)} {
		if got := strings.Count(o.stderr+o.stdout, note); o.code != exitDone || got != 1 {
			t.Errorf("the note is there %d times: %s", got, o)
		}
	}
}
