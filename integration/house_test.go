package integration

import "maps"

// room says which packages of this module one package may import, and why it may import no others.
type room struct {
	may []string
	why string
}

const (
	pureData    = "it is plain data and bytes; all other layers import it, so it imports none of them"
	pureCore    = "the functional core does no I/O; packages that open connections are in a layer above"
	contract    = "treatments, and the packages that use treatments, share these types"
	ofValues    = "it works on values, and not on treatments"
	noTreatment = "families of treatments import it, so it imports no family"
	ofFamily    = "families do not import each other; a treatment that is made of others gets a planner for them"
	drives      = "a driver moves rows and knows no rules and no keys, so that a plan cannot depend on a driver"
	forTests    = "it is for tests, and imports the data that the tests are about"
	ownSeams    = "refresh declares the interfaces that it reads from and writes to; if it imported a driver, no other driver could replace it"
	observers   = "a package that observes a refresh must not control it; it gets events and data"
	throwAway   = "the throw-away server is for the demo, the tests and the benchmark; no package that moves data may use it"
	wiring      = "only the command imports all packages"
	notAllowed  = "this package is not in the table of rooms; add it to a layer, with a reason"
)

// in returns the path of a room that only pkg/transform may import.
func in(name string) string { return "pkg/transform/internal/" + name }

// house returns the table of all rooms. The table is exact: a room imports everything that it may import. Test files
// may import more, such as pglocal and drivers.
func house() map[string]room {
	all := map[string]room{}
	for _, layer := range []map[string]room{ground(), treatments(), deciders(), movers(), watchers(), commands(), workbench()} {
		maps.Copy(all, layer)
	}
	return all
}

// ground returns the lowest layer: plain data, bytes and small tools. It imports few other rooms, and none of a layer
// above.
func ground() map[string]room {
	return map[string]room{
		"internal/atomicfile":      {nil, pureData},
		"internal/crash":           {nil, "it gets the text of a stack and returns a position"},
		"internal/hugepages":       {nil, "it gets memory, and knows nothing of what the memory holds"},
		"internal/pgsession":       {nil, drives},
		"internal/process":         {nil, "it ends programs and starts none"},
		"internal/spell":           {nil, pureData},
		"internal/visible":         {nil, pureData},
		"pkg/approval":             {nil, "it judges the bytes of statements, and knows no rules, no files and no connections"},
		"pkg/archive":              {nil, pureData},
		"pkg/catalog":              {nil, pureData},
		"pkg/definition":           {[]string{"pkg/archive", "pkg/recognise", "pkg/sqltext"}, "it assigns classes to definitions, and decides nothing about them"},
		"pkg/sqltext":              {nil, pureData},
		"pkg/sqlexpr":              {[]string{"pkg/sqltext"}, "it reads texts; the caller decides what a name in a text means"},
		"pkg/escrow":               {[]string{"internal/atomicfile"}, "the ledger must not control the copy of its own checkpoints; this room gets only their text"},
		"pkg/ledger":               {nil, pureCore},
		"pkg/subset":               {[]string{"internal/spell", "pkg/catalog", "pkg/sqltext"}, "it says which rows to look for, and its caller looks for them"},
		"pkg/fixture/choose":       {nil, "it gets numbers and returns numbers; what the rows are is decided in the rooms above"},
		"pkg/fixture/file":         {[]string{"internal/atomicfile", "pkg/catalog", "pkg/sqltext"}, "it is the format of files; it knows no database and no ledger"},
		"pkg/fixture/coverage":     {[]string{"pkg/fixture/file"}, "it gets cells and says what they show, and looks for no row"},
		"pkg/fixture/show":         {[]string{"internal/spell", "internal/visible", "pkg/fixture/coverage", "pkg/fixture/file"}, "it puts reports into words, and judges nothing"},
		"pkg/subset/show":          {[]string{"internal/spell", "internal/visible", "pkg/catalog", "pkg/subset"}, "it puts explanations into words, and selects nothing"},
		"pkg/program":              {nil, "it says which programs may be started, and with which environment, but starts none"},
		"pkg/recognise/words":      {nil, pureData},
		"pkg/recognise/folded":     {[]string{"pkg/recognise/words"}, "it decodes texts; what is personal in them is decided in the layer above"},
		"pkg/wire":                 {nil, pureData},
		"rules":                    {nil, pureData},
		"pkg/keyring":              {nil, pureData},
		"pkg/keyring/keysource":    {[]string{"internal/process", "pkg/keyring", "pkg/program"}, "it opens keys; packages that use keys are in a layer above, and open none"},
		"pkg/provenance":           {[]string{"pkg/ledger"}, "it verifies what others have read, with the keys that it gets, and opens no connection"},
		"pkg/recognise/nationalid": {nil, "it looks at one value; what a column holds is decided in a layer above"},
		"pkg/recognise":            {[]string{"pkg/recognise/folded", "pkg/recognise/words"}, "it gets a text and returns matches; packages that know rules, keys or columns are in a layer above"},
		"pkg/sides":                {[]string{"pkg/archive", "pkg/catalog"}, "it is plain data about source and target, so that movement and the drivers need not import each other"},
	}
}

// treatments returns the layer of treatments. Rooms that import no other room of the layer come first.
func treatments() map[string]room {
	return map[string]room{
		"pkg/transform":         {[]string{"pkg/catalog"}, contract},
		in("canon"):             {[]string{"pkg/catalog"}, "the types alone decide which values are equal"},
		in("decimal"):           {[]string{"pkg/transform"}, ofValues},
		in("document"):          {[]string{"pkg/transform", in("canon")}, noTreatment},
		in("draw"):              {[]string{"pkg/transform"}, ofValues},
		in("formula"):           {[]string{"internal/spell", "pkg/catalog", "pkg/transform"}, noTreatment},
		in("locale"):            {[]string{in("canon"), in("decimal")}, "countries are data; the family fake invents the people"},
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
		"pkg/transform/library": {[]string{"internal/spell", "pkg/catalog", "pkg/transform", in("canon"), in("command"), in("decimal"), in("document"), in("expr"), in("fake"), in("formula"), in("locale"), in("mask"), in("moment"), in("noise"), in("placeholder"), in("plain"), in("scrub"), in("structured"), in("token"), in("treatment"), "pkg/transform/sample"}, "it lists all treatments, and applies them to arrays, to ranges and under conditions"},
	}
}

// deciders returns the layer that reads rules, decides what each column becomes, and decides whether a run is allowed.
func deciders() map[string]room {
	return map[string]room{
		"pkg/ruleset":               {[]string{"internal/spell", "internal/visible", "pkg/catalog", "pkg/transform", "pkg/transform/library", "rules"}, pureCore},
		"pkg/ruleset/rulefile":      {[]string{"pkg/ruleset"}, "it opens rule files, so that ruleset opens no file"},
		"pkg/transform/show":        {[]string{"pkg/catalog", "pkg/ruleset", "pkg/transform", "pkg/transform/library"}, "it prints the descriptions that treatments carry, and treats no value"},
		"pkg/plan":                  {[]string{"internal/spell", "internal/visible", "pkg/catalog", "pkg/definition", "pkg/discover/guess", "pkg/ruleset", "pkg/sqlexpr", "pkg/subset", "pkg/transform", "pkg/transform/library"}, pureCore},
		"pkg/discover/guess":        {[]string{"pkg/catalog", "pkg/recognise/words", "rules"}, "it looks at names and types, and at no row"},
		"pkg/discover/values":       {[]string{"pkg/catalog", "pkg/recognise", "pkg/recognise/nationalid", "pkg/recognise/words"}, "it looks at the values that its caller has read, and opens nothing"},
		"pkg/discover/survey":       {[]string{"internal/spell", "internal/visible", "pkg/catalog", "pkg/discover/guess", "pkg/discover/values", "pkg/plan", "pkg/transform", "pkg/transform/library"}, "it gets samples from an interface that it declares, and knows no driver"},
		"pkg/discover/look":         {[]string{"pkg/catalog", "pkg/discover/survey", "pkg/discover/values", "pkg/ledger"}, "it looks at no row before the ledger has a record, so every look goes through it"},
		"pkg/discover":              {[]string{"internal/visible", "pkg/catalog", "pkg/discover/guess", "pkg/plan", "pkg/ruleset"}, "it reads a schema and returns text"},
		"pkg/review":                {[]string{"internal/spell", "internal/visible", "pkg/catalog", "pkg/plan", "pkg/ruleset", "pkg/transform", "pkg/transform/library"}, "it describes plans for reviewers; it opens nothing, and gets the date from its caller"},
		"pkg/approval/sshkey":       {[]string{"pkg/approval"}, "it opens keys and the ssh-agent, so that approval opens nothing"},
		"pkg/approval/approvalfile": {[]string{"internal/atomicfile", "internal/spell", "internal/visible", "pkg/approval", "pkg/ledger", "pkg/plan", "pkg/review"}, "it opens the files of approvals, so that approval opens no file"},
		"pkg/guard":                 {[]string{"internal/spell", "pkg/review"}, pureCore},
		"pkg/verify":                {[]string{"pkg/catalog", "pkg/verify/fingerprint", "pkg/verify/normal"}, "it judges what treatments and drivers have done, so it shares no code with them"},
		"pkg/verify/show":           {[]string{"internal/spell", "internal/visible", "pkg/verify"}, "it puts reports into words, and judges nothing"},
		"pkg/verify/probe":          {[]string{"pkg/catalog", "pkg/recognise", "pkg/verify"}, "it has its own decoders, so that a fault in those that wrote the values cannot hide itself"},
		"pkg/verify/fingerprint":    {nil, "it holds hashes, and knows nothing of what they are hashes of"},
		"pkg/verify/normal":         {nil, "it shares no code with treatments, because a fault in shared code would hide itself"},
	}
}

// movers returns the layer that reads rows, treats them and writes them, and that opens reversible tokens.
func movers() map[string]room {
	return map[string]room{
		"pkg/source":                {[]string{"internal/pgsession", "pkg/archive", "pkg/catalog", "pkg/provenance", "pkg/sides", "pkg/wire"}, drives},
		"pkg/target":                {[]string{"internal/pgsession", "internal/spell", "pkg/archive", "pkg/catalog", "pkg/provenance", "pkg/sides", "pkg/sqltext", "pkg/wire"}, drives},
		"pkg/verify/postgres":       {[]string{"internal/pgsession", "pkg/catalog", "pkg/verify", "pkg/verify/probe"}, "it reads what others have written, so it shares no code with them"},
		"pkg/external":              {[]string{"internal/process", "pkg/program", "pkg/transform"}, "it gets values and starts programs, and knows no server, no key and no rules"},
		"pkg/rewrite":               {[]string{"pkg/catalog", "pkg/plan", "pkg/transform", "pkg/transform/library", "pkg/wire"}, "it gets rows and returns treated rows; packages that read and write rows are in a layer above"},
		"pkg/refresh":               {[]string{"pkg/catalog", "pkg/guard", "pkg/keyring", "pkg/plan", "pkg/rewrite", "pkg/subset", "pkg/transform", "pkg/transform/sample", "pkg/wire"}, ownSeams},
		"pkg/movement":              {[]string{"internal/atomicfile", "internal/crash", "internal/spell", "pkg/approval", "pkg/archive", "pkg/catalog", "pkg/definition", "pkg/discover/look", "pkg/discover/survey", "pkg/escrow", "pkg/external", "pkg/guard", "pkg/keyring", "pkg/ledger", "pkg/notify", "pkg/plan", "pkg/provenance", "pkg/refresh", "pkg/report", "pkg/review", "pkg/ruleset", "pkg/sides", "pkg/sqlexpr", "pkg/subset", "pkg/transform", "pkg/transform/library", "pkg/verify", "pkg/verify/show", "pkg/wire"}, "it declares the interfaces of source and target; if it imported a driver, no other driver could replace it"},
		"pkg/movement/verification": {[]string{"internal/hugepages", "pkg/catalog", "pkg/guard", "pkg/movement", "pkg/plan", "pkg/refresh", "pkg/rewrite", "pkg/transform", "pkg/transform/library", "pkg/verify", "pkg/verify/probe", "pkg/wire"}, "it translates plans for verify, which knows none"},
		"pkg/branch":                {[]string{"internal/visible", "pkg/guard", "pkg/ledger", "pkg/provenance", "pkg/sides"}, "it declares the server that it needs, so it knows no driver"},
		"pkg/branch/postgres":       {[]string{"internal/pgsession", "pkg/branch", "pkg/catalog", "pkg/provenance", "pkg/sides", "pkg/source", "pkg/target"}, "it drives a server, and decides nothing"},
		"pkg/movement/postgres":     {[]string{"internal/pgsession", "pkg/archive", "pkg/discover/survey", "pkg/movement", "pkg/movement/verification", "pkg/plan", "pkg/provenance", "pkg/ruleset", "pkg/sides", "pkg/source", "pkg/target", "pkg/verify/postgres"}, "it connects the drivers with movement, so that they need not import each other"},
		"pkg/pull":                  {[]string{"internal/atomicfile", "internal/pgsession", "pkg/catalog", "pkg/guard", "pkg/keyring", "pkg/movement", "pkg/movement/postgres", "pkg/provenance", "pkg/sides", "pkg/source", "pkg/subset", "pkg/target"}, "it describes a movement, which movement runs; it reads no masker.yaml"},
		"pkg/fixture/create":        {[]string{"internal/spell", "pkg/archive", "pkg/catalog", "pkg/fixture/choose", "pkg/fixture/coverage", "pkg/fixture/file", "pkg/guard", "pkg/ledger", "pkg/provenance", "pkg/sides", "pkg/subset"}, "it declares the source that it reads, and treats no value, so it refuses what is not sanitized"},
		"pkg/fixture/migrations":    {[]string{"internal/pglocal", "internal/pgsession"}, "it applies migrations to a throw-away server, and moves no data"},
		"pkg/reveal":                {[]string{"internal/visible", "pkg/catalog", "pkg/guard", "pkg/keyring", "pkg/ledger", "pkg/plan", "pkg/transform", "pkg/transform/library"}, "it opens tokens with the keys, the plan and the ledger that its caller gives"},
	}
}

// watchers returns the layer that observes, and reports to people and to monitoring.
func watchers() map[string]room {
	return map[string]room{
		"pkg/report":         {[]string{"internal/spell", "internal/visible", "pkg/verify"}, observers},
		"pkg/doctor":         {[]string{"pkg/report"}, "it checks and reports, and changes nothing, so that it can break nothing"},
		"pkg/doctor/servers": {[]string{"internal/pgsession", "pkg/doctor", "pkg/guard", "pkg/source", "pkg/target"}, "it checks servers, so that doctor opens no connection"},
		"pkg/ledger/show":    {[]string{"internal/spell", "internal/visible", "pkg/guard", "pkg/ledger", "pkg/provenance"}, "it prints what it gets, judges nothing and opens nothing"},
		"pkg/metrics":        {[]string{"internal/atomicfile", "pkg/report"}, observers},
		"pkg/notify":         {[]string{"internal/process", "pkg/program", "pkg/report"}, observers},
		"pkg/tracing":        {[]string{"pkg/report"}, observers},
	}
}

// commands returns the layer of the command that users start.
func commands() map[string]room {
	return map[string]room{
		"cmd/masker/internal/settings": {[]string{"internal/spell", "pkg/catalog", "pkg/escrow", "pkg/guard", "pkg/keyring/keysource", "pkg/notify", "pkg/program", "pkg/subset"}, "it reads masker.yaml, and opens no connection, no key and no rule file that masker.yaml names"},
		"cmd/masker":                   {[]string{"*"}, wiring},
	}
}

// workbench returns the rooms of examples, tests and the benchmark. No room that moves data may import them.
func workbench() map[string]room {
	return map[string]room{
		"examples/command":         {nil, "this example is an independent program"},
		"examples/shop":            {nil, "this example is files that the demo embeds"},
		"integration":              {[]string{"*"}, wiring},
		"integration/bench":        {[]string{"internal/pglocal"}, "it measures the command as a user starts it"},
		"internal/demo":            {[]string{"examples/shop", "internal/pglocal", "internal/pgsession", "pkg/approval", "pkg/catalog", "pkg/fixture", "pkg/movement", "pkg/report"}, "it shows the verbs to a person, and gets them from the command"},
		"internal/faultproxy":      {nil, "it is a network proxy for tests that fails on demand"},
		"internal/labelled":        {[]string{"pkg/catalog"}, "it holds labels that judge detectors, so it uses no detector"},
		"internal/pglocal":         {nil, throwAway},
		"internal/pglocal/ensure":  {[]string{"internal/pglocal"}, throwAway},
		"internal/sketch":          {[]string{"pkg/catalog", "pkg/ruleset"}, "it makes schemas and rules for tests from a few lines"},
		in("transformtest"):        {[]string{"pkg/catalog", "pkg/keyring", "pkg/transform", in("treatment"), "pkg/transform/library"}, "it is for tests of treatments; no other code may import it"},
		"pkg/fixture":              {[]string{"internal/pglocal", "internal/pgsession", "internal/spell", "internal/visible", "pkg/catalog"}, "it gives databases to the tests of other programs, and moves no data"},
		"pkg/rewrite/rewritetest":  {[]string{"pkg/catalog", "pkg/keyring", "pkg/plan", "pkg/transform", "pkg/transform/library", "pkg/wire"}, forTests},
		"pkg/refresh/shadowtest":   {[]string{"pkg/catalog", "pkg/refresh", "pkg/wire"}, forTests},
		"pkg/refresh/snapshottest": {[]string{"pkg/catalog", "pkg/plan", "pkg/refresh", "pkg/rewrite/rewritetest", "pkg/wire"}, forTests},
	}
}
