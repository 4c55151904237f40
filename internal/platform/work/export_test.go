package work

// Lanes is how many transactions of a group PostgreSQL has to do at once.
const Lanes = lanes
