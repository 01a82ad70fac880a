package ruleset

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// object is one schema, or part of one. Its keys marshal sorted, so the text is always the same.
type object = map[string]any

// Schema is the JSON Schema of a rule file, for editors: what may stand where, with the reference's
// texts for completion and hover. Draft 7, which language servers know best. It is laxer than Parse,
// which alone decides: names and references cannot be looked up by a schema.
func Schema() ([]byte, error) {
	defs := object{"rule": ruleSchema(), "class_rule": classRuleSchema(), "class": classSchema(), "table": tableSchema()}
	for _, s := range library.All() {
		if treatable(s.Name) {
			defs["treat."+s.Name] = treatSchema(s)
			defs["class.treat."+s.Name] = classTreatSchema(s)
		}
	}
	root := object{
		"$schema":     "http://json-schema.org/draft-07/schema#",
		"title":       "masker rule set",
		"description": "What every column of a database is, and what its values become.",
		"type":        "object", "additionalProperties": false, "definitions": defs,
		"properties": object{
			"revision":     object{"type": "integer", "minimum": 1, "description": "A whole number, raised with every change. Exactly one file of a set states it."},
			"packs":        object{"type": "array", "items": object{"enum": Packs()}, "uniqueItems": true, "description": "Packs whose classes are used."},
			"tables":       orNull(object{"additionalProperties": to("table"), "description": "The rules of each table, by schema.table as SQL would write it."}),
			"classes":      orNull(object{"additionalProperties": to("class"), "description": "Classes of your own, and other treatments for a pack's classes."}),
			"virtual_keys": virtualSchema(),
			"objects":      objectsSchema(),
			"hooks":        hooksSchema(),
			"waivers":      waiversSchema(),
		},
	}
	data, err := json.MarshalIndent(root, "", " ")
	return append(data, '\n'), err
}

// to refers to a definition.
func to(name string) object { return object{"$ref": "#/definitions/" + name} }

func orNull(o object) object {
	o["type"] = []string{"object", "null"} // a draft, where every entry is still a comment
	return o
}

// treatable says that a rule may name the treatment: keep and the treatments of parts have forms of their own.
func treatable(name string) bool { return name != "keep" && formOf(name) == 0 }

// about is a text as editors show it on hover.
func about(o object, text string) object {
	o["description"], o["markdownDescription"] = text, text
	return o
}

// beside are the keys that a column's rule may carry beside its form.
func beside() object {
	return object{
		"domain": about(object{"type": "string", "minLength": 1}, "The namespace of consistency: equal values of one domain get equal results, in every table and database with the same key."),
		"as":     about(object{"type": "string", "minLength": 1}, "Columns of the row's subject that share `as` describe one invented person."),
		"when":   about(object{"type": "string", "minLength": 1}, "A condition on the row; needs `else`, the rule for the other rows."),
		"else":   to("rule"),
	}
}

// with is a copy of o with more in it.
func with(o, more object) object {
	out := object{}
	for k, v := range o {
		out[k] = v
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func reasoned(what string) object {
	return about(object{"type": "string", "pattern": `\S`}, what+" Say why, for the reviewer.")
}

// ruleSchema is a column's decision. Which form it has chooses what else may stand in it.
func ruleSchema() object {
	only := func(form string, properties object) object {
		return object{"if": object{"required": []string{form}}, "then": object{"additionalProperties": false, "properties": properties}}
	}
	conditions := []any{
		only("keep", with(ruleHeads("keep"), pick(beside(), "when", "else"))),
		only("class", with(ruleHeads("class"), beside())),
	}
	var oneOf []any
	for _, form := range Forms() {
		oneOf = append(oneOf, object{"required": []string{form}})
		if form != "keep" && form != "class" && form != "treat" {
			conditions = append(conditions, only(form, with(formSchema(form), pick(beside(), "when", "else"))))
		}
	}
	return object{
		"type": "object", "oneOf": oneOf,
		"properties":   with(ruleHeads(Forms()...), beside()),
		"dependencies": object{"when": []string{"else"}, "else": []string{"when"}},
		"allOf":        append(conditions, perTreatment("treat.")...),
	}
}

// perTreatment lets the name after treat choose the parameters.
func perTreatment(prefix string) []any {
	var out []any
	for _, s := range library.All() {
		if treatable(s.Name) {
			out = append(out, object{
				"if":   object{"required": []string{"treat"}, "properties": object{"treat": named(s.Name)}},
				"then": to(prefix + s.Name),
			})
		}
	}
	return out
}

// named is a treatment's name; YAML reads a bare null as no value, which is meant here.
func named(name string) object {
	if name == "null" {
		return object{"enum": []any{"null", nil}}
	}
	return object{"const": name}
}

func pick(o object, keys ...string) object {
	out := object{}
	for _, k := range keys {
		out[k] = o[k]
	}
	return out
}

// ruleHeads are the keys that say which form a rule has.
func ruleHeads(forms ...string) object {
	out := object{}
	for _, form := range forms {
		switch form {
		case "keep":
			out[form] = reasoned("Copied as it is.")
		case "class":
			out[form] = about(object{"type": "string", "minLength": 1}, "The data class: treated as the class says.")
		case "treat":
			out[form] = treatNames()
		default:
			out = with(out, formSchema(form))
		}
	}
	return out
}

func treatNames() object {
	var names, texts []any
	for _, s := range library.All() {
		if treatable(s.Name) {
			names, texts = append(names, s.Name), append(texts, s.Summary)
		}
	}
	names, texts = append(names, nil), append(texts, "the treatment null")
	return about(object{"enum": names, "enumDescriptions": texts, "markdownEnumDescriptions": texts}, "What the value becomes: a treatment of the library.")
}

// formSchema is a form whose value lists the treatments of a value's parts.
func formSchema(form string) object {
	parts := object{"type": "object", "minProperties": 1, "additionalProperties": to("rule")}
	spec, ok := library.Lookup(form)
	if ok {
		about(parts, sentence(spec.Summary)+" "+spec.Doc)
	}
	if form == "json" {
		parts["propertyNames"] = object{"pattern": `^\$`}
	}
	return object{form: parts}
}

// treatSchema is a rule that names this treatment.
func treatSchema(s *transform.Spec) object {
	properties := object{"treat": about(named(s.Name), reference(s))}
	required := []string{"treat"}
	for _, p := range s.Params {
		properties[p.Name] = paramSchema(p)
		if p.Required {
			required = append(required, p.Name)
		}
	}
	return about(object{"additionalProperties": false, "properties": with(beside(), properties), "required": required}, reference(s))
}

func classTreatSchema(s *transform.Spec) object {
	own := object{"domain": beside()["domain"], "description": describedClass()}
	properties := with(own, object{"treat": to("treat." + s.Name + "/properties/treat")})
	required := []string{"treat"}
	for _, p := range s.Params {
		properties[p.Name] = to("treat." + s.Name + "/properties/" + p.Name)
		if p.Required {
			required = append(required, p.Name)
		}
	}
	return object{"additionalProperties": false, "properties": properties, "required": required}
}

func describedClass() object {
	return about(object{"type": "string"}, "What values of the class are, for the reviewer.")
}

// paramSchema is one parameter, by the type its Spec states.
func paramSchema(p transform.Param) object {
	o := object{}
	switch words := strings.Split(p.Type, "|"); {
	case ParamTypes()[p.Type] != nil:
		o = with(ParamTypes()[p.Type], nil)
	case len(words) > 1:
		o["enum"] = words
	}
	if p.Default != nil {
		o["default"] = p.Default
	}
	return about(o, p.Doc)
}

// ParamTypes are the words by which a Spec names the types of parameters, beside lists of allowed words.
func ParamTypes() map[string]object {
	either := func(types ...string) object { return object{"type": types} }
	return map[string]object{
		"integer":            either("integer"),
		"number":             either("number"),
		"text":               either("string"),
		"duration":           either("string"),
		"boolean":            either("boolean"),
		"list":               either("array"),
		"mapping":            either("object"),
		"number or duration": either("number", "string"),
		"character|class":    either("string"),
		"value":              either("string", "number", "boolean", "array", "object", "null"),
		"range":              {"type": "array", "minItems": 2, "maxItems": 2},
	}
}

// reference is what the reference says of a treatment, for hover.
func reference(s *transform.Spec) string {
	text := sentence(s.Summary) + " " + s.Doc + fmt.Sprintf("\n\nDiscloses at most: %s.", s.Discloses)
	if len(s.Preserves) > 0 {
		text += " Preserves: " + strings.Join(s.Preserves, ", ") + "."
	}
	return text
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.TrimSuffix(strings.ToUpper(s[:1])+s[1:], ".") + "."
}

func classRuleSchema() object {
	keep := object{"keep": reasoned("Copied as it is."), "description": describedClass()}
	all := perTreatment("class.treat.")
	all = append(all, object{"if": object{"required": []string{"keep"}}, "then": object{"additionalProperties": false, "properties": keep}})
	return object{
		"type": "object", "allOf": all,
		"oneOf":      []any{object{"required": []string{"treat"}}, object{"required": []string{"keep"}}},
		"properties": with(keep, object{"treat": treatNames()}),
	}
}

// classSchema is a rule, or a rule per kind of target environment.
func classSchema() object {
	kinds := append(TargetKinds(), "default")
	properties := object{"description": describedClass()}
	var some []any
	for _, kind := range kinds {
		properties[kind] = to("class_rule")
		some = append(some, object{"required": []string{kind}})
	}
	return object{
		"type": "object",
		"if":   object{"anyOf": some},
		"then": object{"additionalProperties": false, "properties": properties},
		"else": to("class_rule"),
	}
}

func tableSchema() object {
	column := object{"type": "string"}
	return object{
		"type": "object", "additionalProperties": false,
		"dependencies": object{"only": []string{"keep"}, "keep": []string{"only"}},
		"properties": object{
			"subject": about(object{"type": "string"}, "The column that says whose row it is: it seeds the columns that share `as`, and date shifts."),
			"columns": about(orNull(object{"additionalProperties": to("rule")}), "The decision on each column."),
			"keep":    reasoned("The columns listed in `only` are copied as they are."),
			"only":    about(object{"type": "array", "items": column}, "The columns that `keep` keeps. Any other is undecided."),
			"skip":    reasoned("The table is made, its rows stay behind."),
		},
	}
}

func virtualSchema() object {
	reference := object{"anyOf": []any{object{"type": "string"}, object{"type": "array", "items": object{"type": "string"}}}}
	several := object{"anyOf": append(slices.Clone(reference["anyOf"].([]any)), object{"type": "object", "additionalProperties": reference})}
	return object{
		"type": "array", "description": "References that the schema does not declare. Decisions follow them like foreign keys.",
		"items": object{
			"type": "object", "additionalProperties": false, "required": []string{"from", "to"},
			"properties": object{
				"from": about(reference, "The column that references, as schema.table.column, a list of them, or `schema.table.column \"$.path\"` inside a document."),
				"to":   about(several, "The column referenced; with `by`, one for each value of the type column."),
				"by":   about(object{"type": "string"}, "The type column that says which of several tables is meant."),
				"else": about(to("rule"), "What becomes of rows whose type column names none of the targets."),
			},
		},
	}
}

func objectsSchema() object {
	properties := object{}
	for _, kind := range ObjectKinds() {
		words := []string{"drop"}
		if kind == "foreign_tables" {
			words = append(words, "empty")
		}
		keep := object{"type": "object", "additionalProperties": false, "required": []string{"keep"}, "properties": object{"keep": reasoned("Made as they are.")}}
		properties[kind] = object{"anyOf": []any{object{"enum": words}, keep}}
	}
	return object{"type": "object", "additionalProperties": false, "properties": properties, "description": "Decisions on what is not an ordinary table."}
}

func hooksSchema() object {
	files := object{"type": "array", "items": object{"type": "string"}, "description": "SQL files, relative to the rule file, that run on the new database before it is published."}
	return object{"type": "object", "additionalProperties": false, "properties": object{"before_publish": files}}
}

func waiversSchema() object {
	text := func(what string) object { return about(object{"type": "string", "pattern": `\S`}, what) }
	return object{
		"type": "array", "description": "Findings of the plan that may pass for a while. Whoever approves the rules approves them.",
		"items": object{
			"type": "object", "additionalProperties": false, "required": waiverKeys(),
			"properties": object{
				"finding": text("The finding's code, as masker check and masker plan print it: check-may-break."),
				"on":      text("What the finding is on: schema.table.column, or schema.table where it is the table's."),
				"owner":   text("Who answers for it."),
				"reason":  text("Say why, for the reviewer."),
				"until":   about(object{"type": "string", "pattern": `^\d{4}-\d{2}-\d{2}$`}, "The last day the waiver holds (UTC): 2027-01-31."),
			},
		},
	}
}
