package main

import (
	"os"
	"path/filepath"
	"strings"
)

// repositoryRoot returns the folder that positions are relative to. It is the nearest folder with a
// .git: the working folder or a folder above it. If there is none, it is the working folder.
func repositoryRoot() (string, error) {
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

// relativeTo returns the path of a file relative to root, with slashes. ok is false if the file
// does not exist, or if it is not below root.
func relativeTo(root, file string) (relative string, ok bool) {
	if file == "" {
		return "", false
	}
	full, err := filepath.Abs(file)
	if err != nil {
		return "", false
	}
	if _, err := os.Stat(full); err != nil {
		return "", false // a pack, which is not a file of the repository
	}
	rel, err := filepath.Rel(root, full)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}
