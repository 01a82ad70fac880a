package integration

import "maps"

// room is what one package of the house may import from the house, and why no more.
type room struct {
	may []string
	why string
}

const (
	pureData    = "the lowest layer is plain data and bytes: everything stands on it, so it stands on nothing"
	pureCore    = "the functional core does no I/O; whoever opens connections is above it"
	contract    = "the words of the contract are used from below the list of treatments and from above it"
	ofValues    = "it knows values, and nothing of what becomes of them"
	noTreatment = "families build on it: it knows none of them"
	ofFamily    = "families do not know each other: a treatment made of others asks the planner it is given"
	drives      = "a driver moves rows and knows neither rules nor keys, so that a plan cannot depend on one"
	forTests    = "it is for tests, and made of the data they are about"
	ownSeams    = "refresh declares what it reads from and writes to; a driver it imported could not be exchanged"
	observers   = "what watches a refresh must not be able to steer it: it is handed events and data"
	throwAway   = "the throw-away server is for demo, tests and benchmark; nothing that moves data may lean on it"
	wiring      = "only the command knows everybody"
	notAllowed  = "this package is not in the table: give it a layer and a reason first"
)

// in is a room of pkg/transform that only pkg/transform sees.
func in(name string) string { return "pkg/transform/internal/" + name }

// house is the table of rooms. It is exact: what a room may import, it imports. Tests may import more: pglocal, and drivers to
// test against.
func house() map[string]room {
	all := map[string]room{}
	for _, layer := range []map[string]room{ground(), treatments(), deciders(), movers(), watchers(), commands(), workbench()} {
		maps.Copy(all, layer)
	}
	return all
}

// ground is the lowest layer: plain data, bytes and small tools. It needs little of the house, and nothing above itself.
func ground() map[string]room {
	return map[string]room{
		"internal/atomicfile":   {nil, pureData},
		"internal/crash":        {nil, "it is given a stack and gives a place"},
		"internal/pgsession":    {nil, drives},
		"internal/process":      {nil, "it ends programs, and starts none"},
		"internal/spell":        {nil, pureData},
		"internal/visible":      {nil, pureData},
		"pkg/approval":          {nil, "it judges statements by their bytes alone: it knows no rule, no file and no connection"},
		"pkg/archive":           {nil, pureData},
		"pkg/catalog":           {nil, pureData},
		"pkg/escrow":            {[]string{"internal/atomicfile"}, "a second place must not be steered by what it is to bear witness against: it is given notes"},
		"pkg/ledger":            {nil, pureCore},
		"pkg/program":           {nil, "it says which programs may be started and with which environment, and starts none"},
		"pkg/recognise/words":   {nil, pureData},
		"pkg/wire":              {nil, pureData},
		"rules":                 {nil, pureData},
		"pkg/keyring":           {nil, pureData},
		"pkg/keyring/keysource": {[]string{"internal/process", "pkg/keyring", "pkg/program"}, "it opens keys: whoever uses them is above it, and opens none"},
		"pkg/provenance":        {[]string{"pkg/ledger"}, "it judges what was read by keys it is given: it opens no connection"},
		"pkg/recognise":         {[]string{"pkg/recognise/words"}, "a text goes in, places come out: whoever knows rules, keys or columns is above it"},
		"pkg/sides":             {[]string{"pkg/archive", "pkg/catalog"}, "what source and target show is plain data, so that who moves and who drives need not know each other"},
	}
}

// treatments are what becomes of a value, those that stand on nothing first.
func treatments() map[string]room {
	return map[string]room{
		"pkg/transform":         {[]string{"pkg/catalog"}, contract},
		in("canon"):             {[]string{"pkg/catalog"}, "which values are equal is the types' own business"},
		in("decimal"):           {[]string{"pkg/transform"}, ofValues},
		in("document"):          {[]string{"pkg/transform", in("canon")}, noTreatment},
		in("draw"):              {[]string{"pkg/transform"}, ofValues},
		in("formula"):           {[]string{"internal/spell", "pkg/catalog", "pkg/transform"}, noTreatment},
		in("locale"):            {[]string{in("canon"), in("decimal")}, "countries are data: who lives in them is invented elsewhere"},
		in("moment"):            {[]string{"pkg/catalog", "pkg/transform", in("decimal")}, ofValues},
		in("literal"):           {[]string{"internal/spell", "pkg/catalog", in("document"), in("moment")}, noTreatment},
		in("treatment"):         {[]string{"internal/spell", "pkg/catalog", "pkg/transform", in("canon"), in("decimal"), in("moment")}, noTreatment},
		in("command"):           {[]string{"pkg/catalog", "pkg/transform", in("canon"), in("literal"), in("treatment")}, ofFamily},
		in("expr"):              {[]string{"pkg/catalog", "pkg/transform", in("decimal"), in("formula"), in("literal"), in("treatment")}, ofFamily},
		in("fake"):              {[]string{"pkg/catalog", "pkg/transform", in("canon"), in("decimal"), in("draw"), in("literal"), in("locale"), in("moment"), in("treatment")}, ofFamily},
		in("mask"):              {[]string{"pkg/catalog", "pkg/transform", in("canon"), in("decimal"), in("literal"), in("moment"), in("treatment")}, ofFamily},
		in("noise"):             {[]string{"pkg/catalog", "pkg/transform", in("decimal"), in("draw"), in("moment"), in("treatment")}, ofFamily},
		in("placeholder"):       {[]string{"pkg/catalog", "pkg/transform", in("treatment")}, ofFamily},
		in("plain"):             {[]string{"pkg/catalog", "pkg/transform", in("literal"), in("treatment")}, ofFamily},
		in("scrub"):             {[]string{"internal/spell", "pkg/catalog", "pkg/recognise", "pkg/recognise/words", "pkg/transform", in("canon"), in("decimal"), in("draw"), in("literal"), in("locale"), in("moment"), in("treatment")}, ofFamily},
		in("structured"):        {[]string{"internal/spell", "pkg/catalog", "pkg/transform", in("document"), in("literal"), in("treatment")}, ofFamily},
		in("token"):             {[]string{"pkg/catalog", "pkg/transform", in("canon"), in("decimal"), in("draw"), in("literal"), in("treatment")}, ofFamily},
		"pkg/transform/sample":  {[]string{"pkg/catalog", "pkg/transform", in("canon"), in("decimal"), in("draw"), in("literal"), in("moment"), in("treatment")}, ofFamily},
		"pkg/transform/library": {[]string{"internal/spell", "pkg/catalog", "pkg/transform", in("canon"), in("command"), in("decimal"), in("document"), in("expr"), in("fake"), in("formula"), in("locale"), in("mask"), in("moment"), in("noise"), in("placeholder"), in("plain"), in("scrub"), in("structured"), in("token"), in("treatment"), "pkg/transform/sample"}, "one list names every treatment, and wraps it in arrays, ranges and conditions"},
	}
}

// deciders read rules and say what becomes of each column, and whether that may be done.
func deciders() map[string]room {
	return map[string]room{
		"pkg/ruleset":          {[]string{"internal/spell", "internal/visible", "pkg/catalog", "pkg/transform", "pkg/transform/library", "rules"}, pureCore},
		"pkg/ruleset/rulefile": {[]string{"pkg/ruleset"}, "it opens the files that ruleset reads, so that ruleset opens none"},
		"pkg/plan":             {[]string{"internal/spell", "internal/visible", "pkg/catalog", "pkg/recognise", "pkg/ruleset", "pkg/transform", "pkg/transform/library"}, pureCore},
		"pkg/discover":         {[]string{"internal/visible", "pkg/catalog", "pkg/plan", "pkg/ruleset"}, "it only ever adds suspicion: it reads, and writes nothing but text"},
		"pkg/review":           {[]string{"internal/spell", "internal/visible", "pkg/catalog", "pkg/plan", "pkg/ruleset", "pkg/transform", "pkg/transform/library"}, "it puts plans into words for whoever reviews them: it opens nothing, and is told the day"},
		"pkg/guard":            {[]string{"pkg/review"}, pureCore},
	}
}

// movers read rows, treat them and write them, and lead tokens back.
func movers() map[string]room {
	return map[string]room{
		"pkg/source":            {[]string{"internal/pgsession", "pkg/archive", "pkg/catalog", "pkg/provenance", "pkg/sides", "pkg/wire"}, drives},
		"pkg/target":            {[]string{"internal/pgsession", "pkg/archive", "pkg/catalog", "pkg/provenance", "pkg/sides", "pkg/wire"}, drives},
		"pkg/external":          {[]string{"internal/process", "pkg/program", "pkg/transform"}, "it is given values and starts programs: it knows no server, no key and no rule"},
		"pkg/rewrite":           {[]string{"pkg/catalog", "pkg/plan", "pkg/transform", "pkg/transform/library", "pkg/wire"}, "rows go in and treated rows come out: who reads and who writes them is above it"},
		"pkg/refresh":           {[]string{"pkg/catalog", "pkg/guard", "pkg/keyring", "pkg/plan", "pkg/rewrite", "pkg/transform", "pkg/transform/sample", "pkg/wire"}, ownSeams},
		"pkg/movement":          {[]string{"internal/atomicfile", "internal/crash", "pkg/approval", "pkg/archive", "pkg/catalog", "pkg/escrow", "pkg/external", "pkg/guard", "pkg/keyring", "pkg/ledger", "pkg/notify", "pkg/plan", "pkg/provenance", "pkg/refresh", "pkg/report", "pkg/review", "pkg/ruleset", "pkg/sides", "pkg/transform", "pkg/transform/library"}, "the recipe knows source and target through interfaces that it declares: a driver it imported could not be exchanged"},
		"pkg/movement/postgres": {[]string{"internal/pgsession", "pkg/catalog", "pkg/movement", "pkg/provenance", "pkg/sides", "pkg/source", "pkg/target"}, "it fits the drivers to the recipe, so that neither knows the other"},
		"pkg/reveal":            {[]string{"internal/visible", "pkg/catalog", "pkg/guard", "pkg/keyring", "pkg/ledger", "pkg/plan", "pkg/transform", "pkg/transform/library"}, "it opens tokens it is given, with keys it is given: whoever asks brings plan and ledger"},
	}
}

// watchers look, or are told, and tell people.
func watchers() map[string]room {
	return map[string]room{
		"pkg/report":         {[]string{"internal/spell", "internal/visible"}, observers},
		"pkg/doctor":         {[]string{"pkg/report"}, "it looks and tells: whatever it could do itself, it could break"},
		"pkg/doctor/servers": {[]string{"internal/pgsession", "pkg/doctor", "pkg/guard", "pkg/source", "pkg/target"}, "it asks servers for the sheet, so that doctor opens no connection"},
		"pkg/ledger/show":    {[]string{"internal/visible", "pkg/guard", "pkg/ledger", "pkg/provenance"}, "it puts into words what it is given: it judges nothing and opens nothing"},
		"pkg/metrics":        {[]string{"pkg/report"}, observers},
		"pkg/notify":         {[]string{"internal/process", "pkg/program", "pkg/report"}, observers},
		"pkg/tracing":        {[]string{"pkg/report"}, observers},
	}
}

// commands are what a user starts.
func commands() map[string]room {
	return map[string]room{
		"cmd/masker/internal/settings": {[]string{"internal/spell", "pkg/catalog", "pkg/escrow", "pkg/guard", "pkg/keyring/keysource", "pkg/notify", "pkg/program"}, "it reads masker.yaml and opens nothing that stands in it: no connection, no key, no rule file"},
		"cmd/masker":                   {[]string{"*"}, wiring},
	}
}

// workbench is what examples, tests and the benchmark are made of. Nothing that moves data may lean on it.
func workbench() map[string]room {
	return map[string]room{
		"examples/command":         {nil, "examples are files; this one is a program of its own"},
		"examples/shop":            {nil, "examples are files; the demo reads them"},
		"integration":              {[]string{"*"}, wiring},
		"integration/bench":        {[]string{"internal/pglocal"}, "it measures the command from outside, as a user meets it"},
		"internal/faultproxy":      {nil, "a network for tests that fails on demand: it knows no server and no room"},
		"internal/pglocal":         {nil, throwAway},
		"internal/pglocal/ensure":  {[]string{"internal/pglocal"}, throwAway},
		"internal/sketch":          {[]string{"pkg/catalog", "pkg/ruleset"}, "schemas and rules for tests, in a few lines"},
		in("transformtest"):        {[]string{"pkg/catalog", "pkg/keyring", "pkg/transform", in("treatment"), "pkg/transform/library"}, "it is for tests of treatments: nothing else may lean on it"},
		"pkg/rewrite/rewritetest":  {[]string{"pkg/catalog", "pkg/keyring", "pkg/plan", "pkg/transform", "pkg/transform/library", "pkg/wire"}, forTests},
		"pkg/refresh/shadowtest":   {[]string{"pkg/catalog", "pkg/refresh", "pkg/wire"}, forTests},
		"pkg/refresh/snapshottest": {[]string{"pkg/catalog", "pkg/plan", "pkg/refresh", "pkg/rewrite/rewritetest", "pkg/wire"}, forTests},
	}
}
