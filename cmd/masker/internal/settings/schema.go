package settings

import (
	"encoding/json"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ruleset"
)

// fields is a mapping of a configuration: its keys, and nothing else.
func fields(about string, keys map[string]any, required ...string) map[string]any {
	o := map[string]any{"type": "object", "additionalProperties": false, "properties": keys}
	if about != "" {
		o["description"], o["markdownDescription"] = about, about
	}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

func field(kind any, about string) map[string]any {
	return map[string]any{"type": kind, "description": about, "markdownDescription": about}
}

func words(about string, allowed ...any) map[string]any {
	return map[string]any{"enum": allowed, "description": about, "markdownDescription": about}
}

func eachOf(about string, value map[string]any) map[string]any {
	o := field("object", about)
	o["additionalProperties"] = value
	return o
}

func listOf(about string, item map[string]any) map[string]any {
	o := field("array", about)
	o["items"] = item
	return o
}

// Schema is the JSON Schema of masker.yaml. A test holds its keys against Config's.
func Schema() ([]byte, error) {
	keys := map[string]any{
		"environments": eachOf("The named places data lives in. Names are lower-case.", environmentSchema()),
		"roles": listOf("Roles of the source that policies name, and those of the target that stand in for them.", fields("",
			map[string]any{"from": field("string", "A role of the source."), "to": field("string", "A role of the target.")}, "from", "to")),
		"keys": keysSchema(),
		"ledger": fields("The log of movements.", map[string]any{
			"path": field("string", "Its folder."),
			"escrow": fields("A second place every checkpoint goes to.", map[string]any{
				"file": field("string", "A folder that exists, on another machine's disk."),
				"s3": fields("An object store. Credentials: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.", map[string]any{
					"endpoint": field("string", "host or host:port"), "bucket": field("string", "The bucket."), "prefix": field("string", "Of the objects' keys."),
					"region": field("string", "The region."), "insecure": field("boolean", "http instead of https."),
				}),
			}),
			"trusted": listOf("Public keys of other ledgers, or files that hold one: a source whose provenance one of them signed is known.", field("string", "")),
			"signer":  field("string", "The file of the key that signs its checkpoints; it is made with the ledger. Default: signer.key in the ledger's folder; elsewhere is better."),
		}),
		"metrics": fields("Where monitoring finds what became of a run.", map[string]any{
			"textfile": field("string", "A folder of node_exporter's textfile collector; masker_FLOW.prom is written there at the end of each run, whatever became of it."),
			"listen":   field("string", "HOST:PORT to answer GET /metrics on while a run goes on, such as 127.0.0.1:9187."),
		}),
		"pg_dump": field("string", "The file of the pg_dump that sources are read with. Default: the newest in well-known folders; where no approval is needed, MASKER_PG_BIN and PATH come first."),
		"flows":   eachOf("The declared movements.", flowSchema()),
	}
	root := fields("Where data lives, and under which conditions it moves.", keys)
	root["$schema"], root["title"] = "http://json-schema.org/draft-07/schema#", "masker configuration"
	text, err := json.MarshalIndent(root, "", " ")
	return append(text, '\n'), err
}

func environmentSchema() map[string]any {
	kinds := []any{"production"}
	for _, kind := range ruleset.TargetKinds() {
		kinds = append(kinds, kind)
	}
	return fields("", map[string]any{
		"kind":           words("What kind of place it is; production is never a target.", kinds...),
		"url":            field("string", "A PostgreSQL connection URL; ${NAME} takes an environment variable."),
		"adopt":          field("string", "\"system identifier/database\": an existing database masker may replace the first time."),
		"maintenance":    field("string", "The database a target's lock is held in. Default: postgres."),
		"not_production": field("string", "\"system identifier/database\": the one database of this environment that counts as no production although masker did not make it."),
		"holds":          words("Of pre-production: it holds a customer's production data and may be read, guarded as production is.", "production"),
	}, "kind")
}

func keysSchema() map[string]any {
	place := func(about string) map[string]any {
		argv := func(about string) map[string]any { return listOf(about, field("string", "")) }
		return fields(about, map[string]any{
			"file":               field("string", "A key file, mode 0600."),
			"env":                field("string", "The name of an environment variable that holds the key."),
			"age":                field("string", "A key file encrypted with age."),
			"identity":           field("string", "Of age: the identity file that opens it."),
			"passphrase_env":     field("string", "Of age: the name of an environment variable that holds the passphrase."),
			"passphrase_command": argv("Of age: a program that prints the passphrase, and its arguments."),
			"command":            argv("A program that prints the key, and its arguments; no shell reads them."),
			"timeout":            field("string", "How long a program may take (30s). Default: 30s."),
		})
	}
	key := place("Where a key is kept: one of file, env, age and command.")
	key["properties"].(map[string]any)["retired"] = listOf("Keys it replaced; they open the tokens they made.", place(""))
	return eachOf("The keys. A flow without one has a key made for each run, and no two runs give the same results.", key)
}

func approvalsSchema() map[string]any {
	return fields("Who besides the author approves the rules.", map[string]any{
		"required": field("integer", "How many. Default: 1 where the source counts as production; 0 waives it in the open."),
		"signers":  field("string", "The file of who may sign (allowed_signers, as git and ssh-keygen have it), outside the rules' folder."),
		"revoked":  field("string", "The file of keys that no longer count, one public key or SHA256 fingerprint a line."),
	})
}

func notifySchema() map[string]any {
	text := func(about string) map[string]any { return field("string", about) }
	mail := fields("Sends a mail.", map[string]any{
		"server": text("host:port"), "from": text("An address."), "to": listOf("Addresses.", text("")),
		"user": text("Where the server wants one."), "password": text("Of the user."), "tls": words("Default: starttls.", "starttls", "tls", "none"),
	}, "server", "from", "to")
	return listOf("Who is told what happened.", fields("One of webhook, slack, mail and command.", map[string]any{
		"webhook": text("An address that gets signed JSON."), "secret": text("whsec_…, which the webhook is signed with."),
		"slack": text("An incoming webhook of Slack, Mattermost or Rocket.Chat."), "mail": mail,
		"command": listOf("A program and its arguments; it gets JSON on stdin.", text("")),
		"on":      listOf("Which events. Default: all but start.", words("", "start", "finish", "refusal", "failure", "verification")),
	}))
}

func flowSchema() map[string]any {
	var codes []any
	for _, c := range guard.Codes() {
		codes = append(codes, c)
	}
	return fields("", map[string]any{
		"from":                field("string", "The environment that is read."),
		"to":                  field("string", "The environment that is replaced."),
		"rules":               listOf("The rule files. Without any, a flow carries on untreated what masker's provenance proves to be sanitized.", field("string", "A rule file, relative to this one.")),
		"approvals":           approvalsSchema(),
		"allow":               listOf("What is refused otherwise; the ledger records it.", words("", codes...)),
		"findings":            words("Whether a finding that nobody waived stops the run. Default: note.", "note", "refuse"),
		"verify":              words("off until verification exists.", "off", false),
		"notify":              notifySchema(),
		"workers":             field("integer", "Streams of rows in parallel. Default: one per CPU."),
		"max_row":             field("string", "The longest row that is moved (1GB, 64MB); a longer one stops the run. Default: 1GB."),
		"keep_previous":       field("integer", "How many replaced databases are kept. Default: 1."),
		"key":                 field("string", "The name of the flow's key, or per-run. Default: default, where there is one."),
		"reveal":              fields("What masker reveal may open.", map[string]any{"columns": listOf("Columns of the treatment reversible.", field("string", "schema.table.column"))}),
		"connection_patience": field("string", "How long a connection to a server may be silent while the server has nothing left to do, before the run ends (30s, 2m). Default: 30s."),
		"lock_patience":       field("string", "How long somebody may wait behind the snapshot's locks before the run gives way (1s, 500ms). Default: 1s."),
	}, "from", "to")
}
