// Package fetch is how the program reads addresses that somebody else chose: the
// discovery of a sign-in provider, a webhook. A server that fetches what it is told may be
// led to what only it can reach (CWE-918): its own ports, its neighbours, the metadata of
// its cloud. The client here refuses those networks unless the installation names them.
//
// It looks at the address that is about to be connected to, after the name was resolved:
// a name that is looked up twice with two answers, and every step of a redirect, meet the
// same rule.
package fetch
