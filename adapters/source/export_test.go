package source

// Tidy is how keys with blanks around them are renamed.
func Tidy(fields map[string]any) map[string]any { return trimmed(fields) }
