package main

import "testing"

// A8: on a CI machine, all jobs run as the same user. So the actor also names the person, from the CI's environment
// variables.
func TestA8TheActorIsThePersonAndTheirCI(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{nil, ""},
		{map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "shop/data", "GITHUB_RUN_ID": "17", "GITHUB_ACTOR": "alice"}, "github shop/data run 17 by alice"},
		{map[string]string{"GITLAB_CI": "true", "CI_PROJECT_PATH": "shop/data", "CI_JOB_ID": "18", "GITLAB_USER_LOGIN": "bob"}, "gitlab shop/data job 18 by bob"},
		{map[string]string{"BUILD_URL": "https://ci:s3cret@ci.example.com/job/19/"}, "build https://ci.example.com/job/19/"},
		{map[string]string{"BUILD_URL": "https://ci:s3cret@ci.example.com/\x00"}, "build at a malformed address"},
	} {
		if a := actor(c.env); a.CI != c.want || a.User == "" {
			t.Errorf("%v: %+v", c.env, a)
		}
	}
}
