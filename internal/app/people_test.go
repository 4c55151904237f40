package app_test

import "github.com/headwater-platform/headwater/internal/platform/account"

func newAccount(name, person string) account.New {
	return account.New{Email: name + "@example.org", Person: person}
}
