package main

import (
	"fmt"
	"regexp"
)

// These types have the keys of Kubernetes' objects that the example uses, with the names and types of Kubernetes. A key
// that is not here is an error, even if another object has it. To add a key, copy it from the API reference:
// https://kubernetes.io/docs/reference/generated/kubernetes-api/
type (
	kubeMeta struct {
		Name   string            `yaml:"name"`
		Labels map[string]string `yaml:"labels"`
	}

	kubeClaim struct {
		APIVersion string   `yaml:"apiVersion"`
		Kind       string   `yaml:"kind"`
		Metadata   kubeMeta `yaml:"metadata"`
		Spec       struct {
			AccessModes []string      `yaml:"accessModes"`
			Resources   kubeResources `yaml:"resources"`
		} `yaml:"spec"`
	}

	kubeCronJob struct {
		APIVersion string   `yaml:"apiVersion"`
		Kind       string   `yaml:"kind"`
		Metadata   kubeMeta `yaml:"metadata"`
		Spec       struct {
			Schedule                   string   `yaml:"schedule"`
			TimeZone                   *string  `yaml:"timeZone"`
			ConcurrencyPolicy          string   `yaml:"concurrencyPolicy"`
			StartingDeadlineSeconds    *kubeInt `yaml:"startingDeadlineSeconds"`
			SuccessfulJobsHistoryLimit *kubeInt `yaml:"successfulJobsHistoryLimit"`
			FailedJobsHistoryLimit     *kubeInt `yaml:"failedJobsHistoryLimit"`
			JobTemplate                struct {
				Spec struct {
					BackoffLimit          *kubeInt `yaml:"backoffLimit"`
					ActiveDeadlineSeconds *kubeInt `yaml:"activeDeadlineSeconds"`
					Template              struct {
						Metadata kubeMeta `yaml:"metadata"`
						Spec     kubePod  `yaml:"spec"`
					} `yaml:"template"`
				} `yaml:"spec"`
			} `yaml:"jobTemplate"`
		} `yaml:"spec"`
	}

	kubePod struct {
		RestartPolicy                 string   `yaml:"restartPolicy"`
		AutomountServiceAccountToken  *bool    `yaml:"automountServiceAccountToken"`
		EnableServiceLinks            *bool    `yaml:"enableServiceLinks"`
		TerminationGracePeriodSeconds *kubeInt `yaml:"terminationGracePeriodSeconds"`
		SecurityContext               *struct {
			RunAsNonRoot        *bool    `yaml:"runAsNonRoot"`
			RunAsUser           *kubeInt `yaml:"runAsUser"`
			RunAsGroup          *kubeInt `yaml:"runAsGroup"`
			FSGroup             *kubeInt `yaml:"fsGroup"`
			FSGroupChangePolicy *string  `yaml:"fsGroupChangePolicy"`
			SeccompProfile      *struct {
				Type string `yaml:"type"`
			} `yaml:"seccompProfile"`
		} `yaml:"securityContext"`
		Containers []kubeContainer `yaml:"containers"`
		Volumes    []kubeVolume    `yaml:"volumes"`
	}

	kubeContainer struct {
		Name    string   `yaml:"name"`
		Image   string   `yaml:"image"`
		Command []string `yaml:"command"`
		Args    []string `yaml:"args"`
		Env     []struct {
			Name      string `yaml:"name"`
			ValueFrom *struct {
				SecretKeyRef *struct {
					Name string `yaml:"name"`
					Key  string `yaml:"key"`
				} `yaml:"secretKeyRef"`
			} `yaml:"valueFrom"`
		} `yaml:"env"`
		SecurityContext *struct {
			AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
			ReadOnlyRootFilesystem   *bool `yaml:"readOnlyRootFilesystem"`
			Capabilities             *struct {
				Drop []string `yaml:"drop"`
			} `yaml:"capabilities"`
		} `yaml:"securityContext"`
		Resources    kubeResources `yaml:"resources"`
		VolumeMounts []struct {
			Name      string `yaml:"name"`
			MountPath string `yaml:"mountPath"`
			ReadOnly  bool   `yaml:"readOnly"`
		} `yaml:"volumeMounts"`
	}

	kubeResources struct {
		Requests map[string]kubeQuantity `yaml:"requests"`
		Limits   map[string]kubeQuantity `yaml:"limits"`
	}

	kubeVolume struct {
		Name      string `yaml:"name"`
		ConfigMap *struct {
			Name  string `yaml:"name"`
			Items []struct {
				Key  string `yaml:"key"`
				Path string `yaml:"path"`
			} `yaml:"items"`
		} `yaml:"configMap"`
		PersistentVolumeClaim *struct {
			ClaimName string `yaml:"claimName"`
		} `yaml:"persistentVolumeClaim"`
		EmptyDir *struct {
			Medium    string        `yaml:"medium"`
			SizeLimit *kubeQuantity `yaml:"sizeLimit"`
		} `yaml:"emptyDir"`
	}

	kubeQuantity string
	kubeInt      int64
)

// UnmarshalYAML refuses a number in quotes. The YAML library would accept it, but Kubernetes does not.
func (n *kubeInt) UnmarshalYAML(unmarshal func(any) error) error {
	var v any
	if err := unmarshal(&v); err != nil {
		return err
	}
	number, ok := v.(uint64)
	if !ok {
		return fmt.Errorf("%v is not a number", v)
	}
	*n = kubeInt(number)
	return nil
}

// UnmarshalYAML accepts a whole number above zero, with or without a unit of Kubernetes.
func (q *kubeQuantity) UnmarshalYAML(unmarshal func(any) error) error {
	var v any
	if err := unmarshal(&v); err != nil {
		return err
	}
	*q = kubeQuantity(fmt.Sprint(v))
	if !regexp.MustCompile(`^[1-9][0-9]*(m|k|M|G|T|Ki|Mi|Gi|Ti)?$`).MatchString(string(*q)) {
		return fmt.Errorf("%q is not a quantity", v)
	}
	return nil
}
