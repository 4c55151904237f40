package diff

// Split is split, for the tests.
var Split = split
