package main

import (
	"os"
	"path/filepath"
	"strings"
)

// repository is the folder that positions are relative to: the nearest one upwards with a .git, else this one.
func repository() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return here, nil
		}
	}
}

// below is the path of a file relative to root, with slashes; false where there is no such file below root.
func below(root, file string) (relative string, ok bool) {
	if file == "" {
		return "", false
	}
	full, err := filepath.Abs(file)
	if err != nil {
		return "", false
	}
	if _, err := os.Stat(full); err != nil {
		return "", false // a pack, which is no file of the repository
	}
	rel, err := filepath.Rel(root, full)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}
