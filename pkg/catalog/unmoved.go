package catalog

// Unmoved is what belongs to the database itself and not to an object in it. A refresh does not copy it, because the target
// has its own.
type Unmoved struct {
	Settings []string // names of the settings that ALTER DATABASE and ALTER ROLE … IN DATABASE made
	Comment  bool     // there is a comment on the database, other than a mark of masker
	Comments int      // number of comments on objects. A refresh copies them only if the rules keep them
	Labels   int      // number of security labels, also on objects
}
