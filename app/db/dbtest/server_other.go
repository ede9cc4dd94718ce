//go:build !unix

package dbtest

// startServer is for systems whose processes have no users to lend.
func startServer() (string, error) { return "", errNotInstalled }
