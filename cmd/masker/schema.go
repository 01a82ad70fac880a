package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/ruleset"
)

func (a *app) schema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [rules|config]",
		Short: "Print the JSON Schema of rule files, or of masker.yaml, for editors",
		Long: "Schema prints a JSON Schema (draft 7). With it, an editor completes names and parameters, shows the\n" +
			"reference when you point at a name, and marks misspelt names. An editor with a YAML language server uses\n" +
			"the schema if the first line of a file names it:\n\n" +
			"  # yaml-language-server: $schema=masker-rules.schema.json\n\n" +
			"The schema cannot check rules against a database. Use masker check for that.",
		Example: "  masker schema > rules/masker-rules.schema.json\n  masker schema config > masker-config.schema.json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			schema := ruleset.Schema
			if len(args) == 1 {
				if err := oneOf("schema", args[0], "rules", "config"); err != nil {
					return err
				}
				if args[0] == "config" {
					schema = settings.Schema
				}
			}
			text, err := schema()
			if err != nil {
				return err
			}
			_, err = a.out.Write(text)
			return err
		},
	}
}

// The names of the files into which masker init writes the JSON Schemas. It writes each schema beside the file that
// names the schema.
const (
	rulesSchemaFile  = "masker-rules.schema.json"
	configSchemaFile = "masker-config.schema.json"
)

func schemaLine(file string) string { return "# yaml-language-server: $schema=" + file + "\n" }

// writeSchemas writes the schemas that the files of a draft refer to, over the schemas that an earlier draft has left.
func (a *app) writeSchemas(d *draft) error {
	text, err := ruleset.Schema()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(d.rules), rulesSchemaFile), text, 0o644); err != nil || d.config == "" {
		return err
	}
	if text, err = settings.Schema(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(filepath.Dir(a.configFile), configSchemaFile), text, 0o644)
}
