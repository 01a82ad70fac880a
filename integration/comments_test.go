package integration

import (
	"strings"
	"testing"
)

// allComments is a query for the comments of a database. It leaves out comments on publications, which masker never
// copies, comments on objects of extensions, and masker's own comments. It also leaves out the comment on plpgsql,
// which pg_dump does not write.
const allComments = `SELECT coalesce(string_agg(description, ' ' ORDER BY description), 'none') FROM pg_description c WHERE (c.objoid >= 16384 OR c.description = 'hello')
	AND NOT EXISTS (SELECT FROM pg_depend m WHERE m.classid = c.classoid AND m.objid = c.objoid AND m.deptype = 'e')
	AND (c.classoid <> 'pg_extension'::regclass OR c.description = 'ci') AND c.description NOT LIKE 'masker%' AND c.description <> 'pub'`

// R7: masker copies no comments unless the rules keep comments, and the summary mentions the comments that it left out.
// The source has a comment on every kind of object. If the rules keep comments, masker copies all of them.
func TestR7CommentsStayBehindUnlessTheRulesKeepThem(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "commented", ""), newDatabaseURL(t, srv, "staging")
	script(t, src, "testdata/cases/comments/schema.sql")
	have := ask(t, src, allComments)
	rules := readText(t, "testdata/cases/comments/rules.yaml")
	without, _, _ := strings.Cut(rules, "objects:")

	s := newSite(t, src, dst).rules(t, without)
	o := s.mustRefresh(t)
	if got := ask(t, dst, allComments); got != "none" {
		t.Errorf("the comments %s arrive", got)
	}
	if strings.Count(o.stdout+o.stderr, "comments") != 1 {
		t.Errorf("the summary does not say that comments stayed behind: %s", o)
	}
	s.rules(t, strings.Replace(rules, "revision: 1", "revision: 2", 1))
	o = s.mustRefresh(t)
	if got := ask(t, dst, allComments); got != have || got == "none" {
		t.Errorf("the rules keep the comments %s, and %s arrive", have, got)
	}
}

// R7, F8: masker adds a postponed CHECK constraint after the rows are loaded. It adds the comment on this constraint
// only if the rules keep comments.
func TestR7TheCommentOfAPostponedCheckFollowsTheDecision(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "commented", ""), newDatabaseURL(t, srv, "staging")
	script(t, src, "testdata/cases/orphans/schema.sql")
	const comment = "SELECT count(*) FROM pg_description WHERE description = 'ages'"
	rules := readText(t, "testdata/cases/orphans/rules.yaml")
	without, _, _ := strings.Cut(rules, "objects:")
	s := newSite(t, src, dst).rules(t, without)
	s.superuser = true // the CHECK constraint reads a setting, so its code is reaching
	s.mustRefresh(t)
	if got := ask(t, dst, comment); got != "0" {
		t.Error("the comment arrives")
	}
	s.rules(t, strings.Replace(rules, "revision: 1", "revision: 2", 1))
	s.mustRefresh(t)
	if got := ask(t, dst, comment); got != "1" {
		t.Error("the comment is kept, and does not arrive")
	}
}
