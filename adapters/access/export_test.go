package access

// SecretForTest makes a secret, which no other package otherwise can.
func SecretForTest(text string) Secret { return newSecret(text) }

// ParseTokenAnswerForTest reads the answer of a token endpoint.
func ParseTokenAnswerForTest(status int, body []byte) (Secret, error) {
	a := parseTokenAnswer(status, body)
	_, _ = a.life()
	return a.token("https://login.uni.example/token")
}
