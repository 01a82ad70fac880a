package ruleset

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// object is a JSON Schema or a part of one. Its keys are marshalled in sorted order, so the text is always the same.
type object = map[string]any

// Schema returns the JSON Schema of a rule file. Editors use it for completion and hover texts. It is a
// draft 7 schema, because language servers support that version best. The schema accepts more than Parse, because
// it cannot look up names.
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
			"packs":        object{"type": "array", "items": object{"enum": Packs()}, "uniqueItems": true, "description": "Packs whose classes and gates are used."},
			"tables":       orNull(object{"additionalProperties": refTo("table"), "description": "The rules of each table. The key is schema.table, quoted as in SQL."}),
			"classes":      orNull(object{"additionalProperties": refTo("class"), "description": "Your own classes, and other treatments for a pack's classes."}),
			"virtual_keys": virtualSchema(),
			"objects":      objectsSchema(),
			"hooks":        hooksSchema(),
			"waivers":      waiversSchema(),
		},
	}
	data, err := json.MarshalIndent(root, "", " ")
	return append(data, '\n'), err
}

// refTo makes a reference to a definition.
func refTo(name string) object { return object{"$ref": "#/definitions/" + name} }

func orNull(o object) object {
	o["type"] = []string{"object", "null"} // null is for a draft in which every entry is a comment
	return o
}

// treatable reports whether a rule can name the treatment after treat. Keep and the treatments of parts have
// their own forms.
func treatable(name string) bool { return name != "keep" && formOf(name) == 0 }

// described adds a text that editors show on hover.
func described(o object, text string) object {
	o["description"], o["markdownDescription"] = text, text
	return o
}

// modifiers are the keys that a column's rule can have in addition to the key that names its form.
func modifiers() object {
	return object{
		"domain": described(object{"type": "string", "minLength": 1}, "The namespace of consistency. Equal values of one domain get equal results, in every table and in every database with the same key."),
		"as":     described(object{"type": "string", "minLength": 1}, "Columns of the row's subject that share `as` describe one invented person."),
		"when":   described(object{"type": "string", "minLength": 1}, "A condition on the row. It needs `else`, the rule for the other rows."),
		"else":   refTo("rule"),
	}
}

// merged returns a copy of o to which the entries of the argument more are added.
func merged(o, more object) object {
	out := object{}
	for k, v := range o {
		out[k] = v
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func reasonSchema(what string) object {
	return described(object{"type": "string", "pattern": `\S`}, what+" The value is the reason, for the reviewer.")
}

// ruleSchema is the schema of a column's rule. The rule's form determines which other keys it can have.
func ruleSchema() object {
	only := func(form string, properties object) object {
		return object{"if": object{"required": []string{form}}, "then": object{"additionalProperties": false, "properties": properties}}
	}
	conditions := []any{
		only("keep", merged(ruleHeads("keep"), pick(modifiers(), "when", "else"))),
		only("class", merged(ruleHeads("class"), modifiers())),
	}
	var oneOf []any
	for _, form := range Forms() {
		oneOf = append(oneOf, object{"required": []string{form}})
		if form != "keep" && form != "class" && form != "treat" {
			conditions = append(conditions, only(form, merged(formSchema(form), pick(modifiers(), "when", "else"))))
		}
	}
	return object{
		"type": "object", "oneOf": oneOf,
		"properties":   merged(ruleHeads(Forms()...), modifiers()),
		"dependencies": object{"when": []string{"else"}, "else": []string{"when"}},
		"allOf":        append(conditions, perTreatment("treat.")...),
	}
}

// perTreatment makes one condition for each treatment: the name after treat determines the parameters.
func perTreatment(prefix string) []any {
	var out []any
	for _, s := range library.All() {
		if treatable(s.Name) {
			out = append(out, object{
				"if":   object{"required": []string{"treat"}, "properties": object{"treat": nameSchema(s.Name)}},
				"then": refTo(prefix + s.Name),
			})
		}
	}
	return out
}

// nameSchema is the schema of a treatment's name. YAML reads the name null as an empty value. The schema accepts the
// name and the empty value.
func nameSchema(name string) object {
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

// ruleHeads returns the schema of the keys that begin a rule, such as keep, class and treat.
func ruleHeads(forms ...string) object {
	out := object{}
	for _, form := range forms {
		switch form {
		case "keep":
			out[form] = reasonSchema("Copied as it is.")
		case "class":
			out[form] = described(object{"type": "string", "minLength": 1}, "The data class. Its treatment is used.")
		case "treat":
			out[form] = treatNames()
		default:
			out = merged(out, formSchema(form))
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
	return described(object{"enum": names, "enumDescriptions": texts, "markdownEnumDescriptions": texts}, "What the value becomes: a treatment of the library.")
}

// formSchema is the schema of a form that lists a rule for each part of a value, such as json.
func formSchema(form string) object {
	parts := object{"type": "object", "minProperties": 1, "additionalProperties": refTo("rule")}
	spec, ok := library.Lookup(form)
	if ok {
		described(parts, sentence(spec.Summary)+" "+spec.Doc)
	}
	if form == "json" {
		parts["propertyNames"] = object{"pattern": `^\$`}
	}
	return object{form: parts}
}

// treatSchema is the schema of a rule that names this treatment.
func treatSchema(s *transform.Spec) object {
	properties := object{"treat": described(nameSchema(s.Name), hoverText(s))}
	required := []string{"treat"}
	for _, p := range s.Params {
		properties[p.Name] = paramSchema(p)
		if p.Required {
			required = append(required, p.Name)
		}
	}
	return described(object{"additionalProperties": false, "properties": merged(modifiers(), properties), "required": required}, hoverText(s))
}

func classTreatSchema(s *transform.Spec) object {
	own := object{"domain": modifiers()["domain"], "description": describedClass()}
	properties := merged(own, object{"treat": refTo("treat." + s.Name + "/properties/treat")})
	required := []string{"treat"}
	for _, p := range s.Params {
		properties[p.Name] = refTo("treat." + s.Name + "/properties/" + p.Name)
		if p.Required {
			required = append(required, p.Name)
		}
	}
	return object{"additionalProperties": false, "properties": properties, "required": required}
}

func describedClass() object {
	return described(object{"type": "string"}, "A description of the class's values, for the reviewer.")
}

// paramSchema is the schema of one parameter, by the type in its Spec.
func paramSchema(p transform.Param) object {
	o := object{}
	switch words := strings.Split(p.Type, "|"); {
	case ParamTypes()[p.Type] != nil:
		o = merged(ParamTypes()[p.Type], nil)
	case slices.Contains(words, "null"): // YAML reads the word null as an empty value
		o["enum"] = append(anyWords(words), nil)
	case len(words) > 1:
		o["enum"] = words
	}
	if p.Default != nil {
		o["default"] = p.Default
	}
	return described(o, p.Doc)
}

func anyWords(words []string) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = w
	}
	return out
}

// ParamTypes maps the names that a Spec uses for types of parameters to their schemas. A type that is a list of
// allowed words, such as "stop|redact", is not in the map.
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
		"value":              either("string", "number", "boolean", "array", "object", "null"),
		"range":              {"type": "array", "minItems": 2, "maxItems": 2},
	}
}

// hoverText describes a treatment in the words of the reference.
func hoverText(s *transform.Spec) string {
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
	keep := object{"keep": reasonSchema("Copied as it is."), "description": describedClass()}
	all := perTreatment("class.treat.")
	all = append(all, object{"if": object{"required": []string{"keep"}}, "then": object{"additionalProperties": false, "properties": keep}})
	return object{
		"type": "object", "allOf": all,
		"oneOf":      []any{object{"required": []string{"treat"}}, object{"required": []string{"keep"}}},
		"properties": merged(keep, object{"treat": treatNames()}),
	}
}

// classSchema is the schema of a class: one rule, or a rule for each kind of target environment.
func classSchema() object {
	kinds := append(TargetKinds(), "default")
	properties := object{"description": describedClass()}
	var some []any
	for _, kind := range kinds {
		properties[kind] = refTo("class_rule")
		some = append(some, object{"required": []string{kind}})
	}
	return object{
		"type": "object",
		"if":   object{"anyOf": some},
		"then": object{"additionalProperties": false, "properties": properties},
		"else": refTo("class_rule"),
	}
}

func tableSchema() object {
	column := object{"type": "string"}
	return object{
		"type": "object", "additionalProperties": false,
		"dependencies": object{"only": []string{"keep"}, "keep": []string{"only"}},
		"properties": object{
			"subject": described(object{"type": "string"}, "The column that says which person the row is about. Columns with `as` and date shifts depend on it."),
			"columns": described(orNull(object{"additionalProperties": refTo("rule")}), "The decision on each column."),
			"keep":    reasonSchema("The columns listed in `only` are copied as they are."),
			"only":    described(object{"type": "array", "items": column}, "The columns that `keep` keeps. Any other is undecided."),
			"skip":    reasonSchema("The table is made, its rows stay behind."),
			"order": described(object{
				"type": "object", "additionalProperties": false, "required": []string{"keep"},
				"properties": object{"keep": reasonSchema("The rows keep the source's order.")},
			}, "The order of the rows, for a table that keeps no unique column."),
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
				"from": described(reference, "The referencing column as schema.table.column, a list of such columns, or `schema.table.column \"$.path\"` for a value inside a document."),
				"to":   described(several, "The referenced column. With `by`: one column for each value of the type column."),
				"by":   described(object{"type": "string"}, "The type column. Its value says which of several tables the row references."),
				"else": described(refTo("rule"), "The rule for rows whose type column names none of the targets."),
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
		keep := object{"type": "object", "additionalProperties": false, "required": []string{"keep"}, "properties": object{"keep": reasonSchema("Made as they are.")}}
		properties[kind] = object{"anyOf": []any{object{"enum": words}, keep}}
	}
	properties[leaveOutKey] = described(object{"type": "object", "additionalProperties": reasonSchema("Not made in the target.")},
		"Single objects that the target does not get. The key is schema.name of an index or a materialized view, schema.table.name of a constraint or a trigger, "+
			"`cast (type as type)`, or `operator class schema.name using method`.")
	return object{"type": "object", "additionalProperties": false, "properties": properties, "description": "Decisions on objects that are not ordinary tables."}
}

func hooksSchema() object {
	files := object{"type": "array", "items": object{"type": "string"}, "description": "SQL files, relative to the rule file, that run on the new database before it is published."}
	return object{"type": "object", "additionalProperties": false, "properties": object{"before_publish": files}}
}

func waiversSchema() object {
	text := func(what string) object { return described(object{"type": "string", "pattern": `\S`}, what) }
	return object{
		"type": "array", "description": "Waivers: findings that somebody accepted until a date. An approval of the rules covers them.",
		"items": object{
			"type": "object", "additionalProperties": false, "required": waiverKeys(),
			"properties": object{
				"finding": text("The finding's code, as masker check and masker plan print it: check-may-break."),
				"on":      text("The column or table of the finding: schema.table.column or schema.table."),
				"owner":   text("The person who is responsible for the waiver."),
				"reason":  text("Why the finding is accepted, for the reviewer."),
				"from":    text("Only for leak: the column whose values are found in the column on. Without it, the waiver accepts what a detector recognises there."),
				"at_most": described(object{"type": "integer", "minimum": 1}, "Only for leak, where it is required: the number of different values that are accepted. If more are found, none is accepted."),
				"until":   described(object{"type": "string", "pattern": `^\d{4}-\d{2}-\d{2}$`}, "The last day the waiver holds (UTC): 2027-01-31."),
			},
		},
	}
}
