package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// secrets are the flags whose value is a secret or may hold one, each with what tells whether it does.
var secrets = map[string]func(string) bool{"db": holdsPassword, "smtp": holdsPassword, "metrics": holdsAnything, "embedding-token": holdsAnything}

func holdsAnything(value string) bool { return value != "" }

// holdsPassword reports whether an address has a password: before its host, among the settings behind a question mark,
// or in PostgreSQL's way of key=value. Of an address that cannot be read, whatever stands before an @ may be one.
func holdsPassword(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return strings.Contains(address, "@") || passwordSetting.MatchString(address)
	}
	if password, _ := u.User.Password(); password != "" {
		return true
	}
	for key, values := range u.Query() {
		if passwordSetting.MatchString(key + "=" + strings.Join(values, "")) {
			return true
		}
	}
	return passwordSetting.MatchString(address)
}

var passwordSetting = regexp.MustCompile(`(?i)\b(ssl)?password\s*=\s*[^\s&]`)

// exposed tells of each secret in the arguments, which everybody on the machine can read, and where it belongs.
func exposed(command *kong.Context) (problems []string) {
	for _, p := range command.Path {
		if p.Flag == nil || p.Resolved {
			continue
		}
		holds, known := secrets[p.Flag.Name]
		value, text := command.FlagValue(p.Flag).(string)
		if known && text && holds(value) {
			problems = append(problems, fmt.Sprintf("--%s: a secret stands on the command line, where everybody on the machine can read it: %s", p.Flag.Name, instead(p.Flag)))
		}
	}
	slices.Sort(problems)
	return slices.Compact(problems)
}

// instead is where the secret of a flag may stand.
func instead(flag *kong.Flag) string {
	if len(flag.Envs) == 0 {
		return "leave the password away, and set PGPASSWORD or PGPASSFILE"
	}
	return fmt.Sprintf("set %s, or name a file that holds it in %s", flag.Envs[0], fileOf(flag))
}

// fileOf is the variable that names a file with the value of a flag: of those that may be secrets, so that none need
// stand in the environment either, which a process leaves to those that it starts.
func fileOf(flag *kong.Flag) string {
	if _, known := secrets[flag.Name]; !known || len(flag.Envs) == 0 {
		return ""
	}
	return flag.Envs[0] + "_FILE"
}

// fromFile is the value of a flag whose variable names a file.
func fromFile(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	variable := fileOf(flag)
	path := os.Getenv(variable)
	if path == "" {
		return nil, nil
	}
	if os.Getenv(flag.Envs[0]) != "" {
		return nil, fmt.Errorf("%s and %s are both set: one of them is to be", flag.Envs[0], variable)
	}
	held, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	value := strings.TrimSpace(string(held))
	if value == "" || strings.ContainsAny(value, "\r\n") {
		return nil, errors.New(variable + ": the file is to hold one line, and nothing else")
	}
	return value, nil
}

// readable tells of the files named for the secrets of a command that others on the machine may read.
func readable(command *kong.Context) (problems []string) {
	variables := []string{"AWS_SHARED_CREDENTIALS_FILE"}
	for _, flag := range command.Flags() {
		variables = append(variables, fileOf(flag))
	}
	for _, v := range variables {
		if path := os.Getenv(v); path != "" {
			problems = append(problems, closed(path, v, 0)...)
		}
	}
	return problems
}
