// Package embed asks a service of the installation's choice where it places texts: the other end of the port that
// package expertise has for it. It is off unless an address is set. What is sent are titles and abstracts of works and proposals,
// without names.
package embed
