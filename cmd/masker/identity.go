package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/ruleset"
)

// rulesDigest returns the SHA-256 over all rule files, hooks, dictionaries and packs, and over their names. The names
// of files are relative to the configuration's folder. So the digest is the same on every machine, and from every
// folder in which masker is started.
func (c *config) rulesDigest(set *ruleset.Set) string {
	h := sha256.New()
	for _, f := range set.Files {
		name := f.Name
		pack := strings.TrimPrefix(name, "pack ")
		if rel, err := filepath.Rel(c.Dir(), name); err == nil && !slices.Contains(ruleset.Packs(), pack) {
			name = filepath.ToSlash(rel)
		}
		fmt.Fprintf(h, "%s  %s\n", f.SHA256, name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// digestOf returns the SHA-256 of the files' contents, in hex.
func digestOf(files ...[]byte) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%d\n%s", len(f), f)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// binaryDigest returns the SHA-256 of the running program, in hex. It is "" if the file cannot be read.
func binaryDigest() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

// actor returns who runs masker: the user of the operating system, and the job of the CI if there is one.
func actor(env map[string]string) ledger.Actor {
	a := ledger.Actor{User: fmt.Sprintf("uid %d", os.Getuid())}
	if u, err := user.Current(); err == nil {
		a.User = u.Username
	}
	switch {
	case env["GITHUB_ACTIONS"] != "":
		a.CI = fmt.Sprintf("github %s run %s by %s", env["GITHUB_REPOSITORY"], env["GITHUB_RUN_ID"], env["GITHUB_ACTOR"])
	case env["GITLAB_CI"] != "":
		a.CI = fmt.Sprintf("gitlab %s job %s by %s", env["CI_PROJECT_PATH"], env["CI_JOB_ID"], env["GITLAB_USER_LOGIN"])
	case env["BUILD_URL"] != "":
		a.CI = "build " + withoutUser(env["BUILD_URL"])
	}
	return a
}

// withoutUser returns a URL without the user name and password that a CI may have put into it. For a malformed URL, it
// returns only words that say so.
func withoutUser(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "at a malformed address"
	}
	u.User = nil
	return u.String()
}

// psql returns the psql command that connects to a database, without the password.
func psql(raw, database string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" {
		return "psql " + database
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	q := u.Query()
	q.Del("password")
	u.RawQuery = q.Encode()
	return "psql '" + u.String() + "'"
}
