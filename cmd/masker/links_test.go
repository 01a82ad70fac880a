package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const checkout = "../.."

// pages returns the Markdown files that people read, as paths in the repository.
func pages(t *testing.T) []string {
	t.Helper()
	found := []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}
	for _, dir := range []string{"docs", "examples"} {
		err := fs.WalkDir(os.DirFS(checkout), dir, func(path string, _ fs.DirEntry, err error) error {
			if strings.HasSuffix(path, ".md") {
				found = append(found, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// withoutCode returns a page without its code blocks, because brackets in code are not links and # is not a heading.
func withoutCode(t *testing.T, page string) string {
	t.Helper()
	return regexp.MustCompile("(?ms)^```.*?^```").ReplaceAllString(string(fileOf(t, filepath.Join(checkout, page))), "")
}

// fragments returns the headings of a page in the form that links use.
func fragments(text string) map[string]bool {
	found := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		found[strings.ReplaceAll(name, " ", "-")] = true
	}
	return found
}

// Every link within the repository names an existing file, and an existing heading in it.
func TestLinksNameExistingFilesAndHeadings(t *testing.T) {
	for _, page := range pages(t) {
		for _, link := range regexp.MustCompile(`\]\(([^)#]*)(?:#([^)]*))?\)`).FindAllStringSubmatch(withoutCode(t, page), -1) {
			path, fragment := link[1], link[2]
			if strings.Contains(path, "://") {
				continue
			}
			to := page
			if path != "" {
				to = filepath.Join(filepath.Dir(page), path)
			}
			if _, err := os.Stat(filepath.Join(checkout, to)); err != nil {
				t.Errorf("%s links to %s, which does not exist", page, link[0])
				continue
			}
			if fragment != "" && !fragments(withoutCode(t, to))[fragment] {
				t.Errorf("%s links to %s, but %s has no such heading", page, link[0], to)
			}
		}
	}
}

// The index of the guides names every guide.
func TestTheIndexNamesEveryGuide(t *testing.T) {
	index := withoutCode(t, "docs/README.md")
	guides, err := filepath.Glob(filepath.Join(checkout, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, guide := range guides {
		if name := filepath.Base(guide); name != "README.md" && !strings.Contains(index, "]("+name+")") {
			t.Errorf("docs/README.md does not name %s", name)
		}
	}
}

// Every page that a message of masker names exists.
func TestMessagesNamePagesThatExist(t *testing.T) {
	err := filepath.WalkDir(checkout, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		for _, page := range regexp.MustCompile(`\bdocs/[a-z/-]+\.md`).FindAllString(string(fileOf(t, path)), -1) {
			if _, err := os.Stat(filepath.Join(checkout, page)); err != nil {
				t.Errorf("%s names %s, which does not exist", path, page)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
