package catalog

// Unmoved lists properties of the database itself, and not of an object in it. A refresh does not copy these
// properties, because the target has its own.
type Unmoved struct {
	Settings []string // names of the settings that ALTER DATABASE and ALTER ROLE … IN DATABASE made
	Comment  bool     // there is a comment on the database, other than a mark of masker
	Comments int      // number of comments on objects. A refresh copies them only if the rules keep them
	Labels   int      // number of security labels, also on objects
}
