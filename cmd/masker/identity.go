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

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/ruleset"
)

// rulesDigest covers every rule file, pack and dictionary, byte for byte, each under the name it has from the
// configuration's folder: on another machine it is the same.
func (c *config) rulesDigest(set *ruleset.Set) string {
	h := sha256.New()
	for _, f := range set.Files {
		name := f.Name
		if rel, err := filepath.Rel(c.Dir(), name); err == nil {
			name = filepath.ToSlash(rel)
		}
		fmt.Fprintf(h, "%s  %s\n", f.SHA256, name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// digestOf is the SHA-256 of files, in hex.
func digestOf(files ...[]byte) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%d\n%s", len(f), f)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// binaryDigest is the digest of the running program, "" where it cannot be read.
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

// actor says who runs masker: the user of the operating system, and the pipeline's own
// name for itself where there is one.
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

// withoutUser is a URL without the name and password that a CI may have put into it.
func withoutUser(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "at a malformed address"
	}
	u.User = nil
	return u.String()
}

// psql is the line that opens a database, without the password.
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
