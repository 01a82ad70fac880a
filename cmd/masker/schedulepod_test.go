package main

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// lintCronJob decodes the manifests strictly, and checks the settings that limit what the pod may do.
func lintCronJob(data []byte) []string {
	claim, job, problems := manifests(data)
	if len(problems) > 0 {
		return problems
	}
	spec := job.Spec
	for what, ok := range map[string]bool{
		"schedule":                  isCron(spec.Schedule),
		"timeZone":                  is(spec.TimeZone, "Etc/UTC"),
		"concurrencyPolicy: Forbid": spec.ConcurrencyPolicy == "Forbid",
		"backoffLimit: 0":           is(spec.JobTemplate.Spec.BackoffLimit, 0),
		"activeDeadlineSeconds":     spec.JobTemplate.Spec.ActiveDeadlineSeconds != nil,
	} {
		if !ok {
			problems = append(problems, "want "+what)
		}
	}
	pod := spec.JobTemplate.Spec.Template.Spec
	if len(pod.Containers) != 1 {
		return append(problems, "want one container")
	}
	problems = append(problems, lintPod(pod)...)
	problems = append(problems, lintContainer(pod.Containers[0])...)
	return append(problems, lintVolumes(claim, pod)...)
}

func manifests(data []byte) (claim kubeClaim, job kubeCronJob, problems []string) {
	docs := bytes.Split(data, []byte("\n---\n"))
	if len(docs) != 2 {
		return claim, job, []string{"want a claim and a CronJob"}
	}
	for i, into := range []any{&claim, &job} {
		if err := yaml.UnmarshalWithOptions(docs[i], into, yaml.Strict()); err != nil {
			problems = append(problems, err.Error())
		}
	}
	if claim.APIVersion != "v1" || claim.Kind != "PersistentVolumeClaim" || job.APIVersion != "batch/v1" || job.Kind != "CronJob" {
		problems = append(problems, fmt.Sprintf("they are %s %s and %s %s", claim.APIVersion, claim.Kind, job.APIVersion, job.Kind))
	}
	return claim, job, problems
}

func is[V comparable](have *V, want V) bool { return have != nil && *have == want }

func lintPod(pod kubePod) (problems []string) {
	s := pod.SecurityContext
	if s == nil {
		return []string{"the pod has no securityContext"}
	}
	for what, ok := range map[string]bool{
		"restartPolicy: Never":                pod.RestartPolicy == "Never",
		"automountServiceAccountToken: false": is(pod.AutomountServiceAccountToken, false),
		"enableServiceLinks: false":           is(pod.EnableServiceLinks, false),
		"terminationGracePeriodSeconds":       is(pod.TerminationGracePeriodSeconds, 60),
		"runAsNonRoot":                        is(s.RunAsNonRoot, true) && s.RunAsUser != nil && *s.RunAsUser > 0,
		"seccompProfile":                      s.SeccompProfile != nil && s.SeccompProfile.Type == "RuntimeDefault",
		"fsGroupChangePolicy: OnRootMismatch": is(s.FSGroupChangePolicy, "OnRootMismatch"),
	} {
		if !ok {
			problems = append(problems, "want "+what)
		}
	}
	return problems
}

func lintContainer(c kubeContainer) (problems []string) {
	s := c.SecurityContext
	if s == nil || s.Capabilities == nil {
		return []string{"the container has no securityContext"}
	}
	for what, ok := range map[string]bool{
		"allowPrivilegeEscalation: false": is(s.AllowPrivilegeEscalation, false),
		"readOnlyRootFilesystem":          is(s.ReadOnlyRootFilesystem, true),
		"capabilities: drop ALL":          len(s.Capabilities.Drop) == 1 && s.Capabilities.Drop[0] == "ALL",
		"a limit of memory":               c.Resources.Limits["memory"] != "" && c.Resources.Requests["memory"] != "",
		"an image nobody can pull":        c.Image == "registry.example/masker:VERSION",
		"command masker":                  len(c.Command) == 1 && c.Command[0] == "masker",
	} {
		if !ok {
			problems = append(problems, "want "+what)
		}
	}
	for _, e := range c.Env {
		if e.ValueFrom == nil || e.ValueFrom.SecretKeyRef == nil {
			problems = append(problems, e.Name+" does not come from a secret")
		}
	}
	return append(problems, callProblems(c.Args)...)
}

// lintVolumes checks that every mount has a volume and every volume a mount, and that only the state is persistent.
func lintVolumes(claim kubeClaim, pod kubePod) (problems []string) {
	volumes := map[string]kubeVolume{}
	for _, v := range pod.Volumes {
		volumes[v.Name] = v
	}
	for _, m := range pod.Containers[0].VolumeMounts {
		switch v := volumes[m.Name]; {
		case v.ConfigMap != nil && m.MountPath == "/etc/masker" && m.ReadOnly:
		case v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == claim.Metadata.Name && m.MountPath == "/var/lib/masker":
		case v.EmptyDir != nil && v.EmptyDir.Medium == "Memory":
		default:
			problems = append(problems, fmt.Sprintf("the mount of %s at %s is wrong", m.Name, m.MountPath))
		}
		delete(volumes, m.Name)
	}
	for name := range volumes {
		problems = append(problems, "the container does not mount "+name)
	}
	return problems
}

func TestTheKubernetesExampleIsLinted(t *testing.T) {
	checkLint(t, "kubernetes/cronjob.yaml", lintCronJob, []mutation{
		{"backoffLimit: 0", "backofLimit: 0"},
		{"backoffLimit: 0", "backoffLimit: 6"},
		{"concurrencyPolicy: Forbid", "concurrencyPolicy: Allow"},
		{`"30 2 * * *"`, `"30 25 * * *"`},
		{"restartPolicy: Never", "restartPolicy: OnFailure"},
		{"readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"},
		{"runAsNonRoot: true", "runAsNonRoot: false"},
		{"drop: [ALL]", "drop: [NET_RAW]"},
		{"type: RuntimeDefault", "type: Unconfined"},
		{"limits: {memory: 2Gi}", "limits: {memory: 2Gib}"},
		{"enableServiceLinks: false", "enableServiceLinks: false\n          enableServiceLinks: true"},
		{"OnRootMismatch", "Always"},
		{"args: [run,", "args: [rum,"},
		{"--log-format", "--log-formt"},
		{"valueFrom: {secretKeyRef: {name: masker, key: staging-url}}", "value: postgres://"},
		{"name: state, mountPath", "name: stat, mountPath"},
		{"claimName: masker", "claimName: other"},
		{"apiVersion: batch/v1", "apiVersion: batch/v1beta1"},
		{"backoffLimit: 0", "backoffLimit: none"},
		{"runAsUser: 65532", `runAsUser: "65532"`},
		{"enableServiceLinks: false", `enableServiceLinks: "false"`},
		{"runAsNonRoot: true", "runAsNonRoot: 1"},
		{"backoffLimit: 0", "backoffLimit: 0.5"},
		{"sizeLimit: 16Mi", "sizelimit: 16Mi"},
		{"storage: 1Gi", "storage: 1GB"},
		{"command: [masker]", "command: masker"},
		{"drop: [ALL]", "drop: [ALL], dorp: []"},
		{"capabilities: {drop: [ALL]}", "capabilities: {drop: [ALL]}\n                fsGroup: 65532"},
		{"restartPolicy: Never", "hostNetwork: true\n          restartPolicy: Never"},
		{"- {name: state, mountPath: /var/lib/masker}", "- {name: state, mountPath: /var/lib/masker, subpath: x}"},
	})
}

// The pod sets all environment variables that masker.yaml uses, and mounts all files that masker.yaml names.
func TestThePodHasTheVariablesAndFilesOfTheConfiguration(t *testing.T) {
	_, job, problems := manifests(fileOf(t, schedule+"kubernetes/cronjob.yaml"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	c, pod := scheduled(t), job.Spec.JobTemplate.Spec.Template.Spec
	given := map[string]bool{}
	for _, e := range pod.Containers[0].Env {
		given[e.Name] = true
	}
	used := regexp.MustCompile(`\$\{(\w+)\}`).FindAllSubmatch(fileOf(t, schedule+"masker.yaml"), -1)
	for _, m := range used {
		if !given[string(m[1])] {
			t.Errorf("the pod does not set %s", m[1])
		}
	}
	if len(used) != len(given) {
		t.Errorf("masker.yaml uses %d variables, the pod sets %d", len(used), len(given))
	}
	files := map[string]bool{}
	for _, v := range pod.Volumes {
		if v.ConfigMap == nil {
			continue
		}
		for _, item := range v.ConfigMap.Items {
			files[item.Path] = true
		}
	}
	f := c.Flows["nightly"]
	beside := path.Join(path.Dir(f.Rules[0]), "approvals", "nightly-r1")
	for _, want := range append(f.Rules, f.Approvals.Signers, "masker.yaml", beside+".plan.json", beside+".author", beside+".approval") {
		if !files[want] {
			t.Errorf("the pod has no /etc/masker/%s", want)
		}
	}
	mounted := map[string]bool{}
	for _, m := range pod.Containers[0].VolumeMounts {
		mounted[m.MountPath] = true
	}
	if !mounted[c.Metrics.Textfile] || !strings.HasPrefix(c.Ledger.Path, "/var/lib/masker/") {
		t.Errorf("the figures are in %s, the ledger is in %s, but the mounts are %v", c.Metrics.Textfile, c.Ledger.Path, mounted)
	}
}

// Every call of masker in the guide uses only verbs and flags that exist.
func TestTheGuideOfSchedulesCallsExistingVerbsAndFlags(t *testing.T) {
	calls := 0
	for line := range strings.Lines(string(fileOf(t, schedule+"README.md"))) {
		line = regexp.MustCompile(`^sudo -u masker (\w+=\S+ )*`).ReplaceAllString(line, "")
		if words, ok := maskerLine(line); ok {
			calls++
			for _, p := range callProblems(words) {
				t.Error(p)
			}
		}
	}
	if calls < 2 {
		t.Errorf("the test found only %d calls of masker in README.md", calls)
	}
}
