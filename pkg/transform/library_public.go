package transform

// Commands lists the programs that a use asks, those of its paths, alternatives and reads included.
func Commands(u Use) []Command { return commandsOf(u) }

// ReversibleDomains lists the domains that a use's reversible treatments seal in, those of its paths
// and alternatives included: what to ask Keys.Sealer for to open their tokens.
func ReversibleDomains(u Use) []string { return reversibleDomains(u) }

// ParseSealed reads a token of reversible as the target holds it. Its error never quotes the token.
func ParseSealed(text []byte) (Sealed, error) { return parseSealed(text) }
