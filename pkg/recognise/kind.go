package recognise

// Kind is the kind of a match.
type Kind int

// The kinds. All except Name have a pattern.
const (
	Email Kind = iota
	URL
	UUID
	MAC // a hardware address
	IP
	Date
	PAN // a payment card's number
	IBAN
	NationalID
	Phone
	Secret // a text that looks like a key or token, a password after a label, or an encoded text
	Number // another number of six digits or more, or a shorter number after a label such as customer
	Handle // a user name: after @, after a label, or in a path
	Address
	Coordinates
	Name // a word that the caller's Values recognise as a name
)

// Patterns is the number of kinds that have a pattern. The constants of these kinds are smaller than Patterns.
const Patterns = Name

// Kinds lists the kinds that have a pattern.
func Kinds() []Kind {
	list := make([]Kind, Patterns)
	for k := range Patterns {
		list[k] = k
	}
	return list
}

// String returns the kind's name in rule files.
func (k Kind) String() string {
	switch k {
	case Email:
		return "email"
	case URL:
		return "url"
	case UUID:
		return "uuid"
	case MAC:
		return "mac"
	case IP:
		return "ip"
	case Date:
		return "date"
	case PAN:
		return "pan"
	case IBAN:
		return "iban"
	case NationalID:
		return "national_id"
	case Phone:
		return "phone"
	case Secret:
		return "secret"
	case Handle:
		return "handle"
	case Address:
		return "address"
	case Coordinates:
		return "coordinates"
	case Name:
		return "name"
	}
	return "number"
}
