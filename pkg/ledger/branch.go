package ledger

import "time"

// Branch describes a branch: a copy of a published target, which belongs to a person.
type Branch struct {
	Target   Party     `json:"target"`
	Actor    Actor     `json:"actor"`
	Run      string    `json:"made_by"`  // the run that made the rows
	From     Database  `json:"from"`     // the database that is copied: the target's template, or the target
	Database Database  `json:"database"` // the branch, with its final name. The OID is 0 with EventBranching
	Built    string    `json:"built_as"` // the database's name until the branch is complete
	Owner    string    `json:"owner"`    // the person whom the branch belongs to
	Purpose  string    `json:"purpose,omitempty"`
	Expires  time.Time `json:"expires,omitzero"`  // from then on, nobody needs the branch. Zero if it does not expire
	Replaces *Database `json:"replaces,omitzero"` // with a reset: the branch that had the name before
}

// Party returns the branch as one side of a movement.
func (b Branch) Party() Party {
	p := b.Target
	p.Database = b.Database.Name
	return p
}

// Branching records that a branch is about to be made. The function describe gets the identifier of the branch, and
// returns its description. Branching returns the identifier and the description.
func (l *Ledger) Branching(describe func(id string) (Branch, error)) (id string, b Branch, err error) {
	id, err = l.begin(func(id string) (Record, error) {
		b, err = describe(id)
		return Record{Event: EventBranching, Branch: &b}, err
	})
	return id, b, err
}

// Branch records that the database of a branch was made, and returns the record with its proof. The proof becomes a
// step of the branch's provenance.
func (l *Ledger) Branch(id string, b Branch) (Inclusion, error) {
	var seq int64
	err := l.locked(func(g *log) error {
		if err := g.append(Record{Event: EventBranch, Run: id, Branch: &b}); err != nil {
			return err
		}
		seq = g.at.Size
		return nil
	})
	if err != nil {
		return Inclusion{}, err
	}
	return l.Include(seq)
}

// DropBranches records that databases of branches are about to be dropped. It returns the identifier of the act.
func (l *Ledger) DropBranches(r Retirement) (id string, err error) {
	return l.begin(func(string) (Record, error) { return Record{Event: EventBranchDrop, Retirement: &r}, nil })
}

// DroppedBranches records which databases of branches were dropped.
func (l *Ledger) DroppedBranches(id string, r Retirement) error {
	return l.add(Record{Event: EventBranchDropped, Run: id, Retirement: &r})
}

// Branches returns the branches of a target by their identifiers, from the ledger in a folder. They include branches
// that were dropped. The OID of a branch is 0 if its database was not recorded. Branches cannot see records in archived
// files.
func Branches(dir, systemID, database string) (map[string]Branch, error) {
	target := Party{SystemID: systemID, Database: database}.Identity()
	found := make(map[string]Branch)
	for r, err := range readWith(dir, []byte(`"branch":{`)) {
		if err != nil {
			return nil, err
		}
		if r.Branch != nil && r.Branch.Target.Identity() == target {
			found[r.Run] = *r.Branch
		}
	}
	return found, nil
}
