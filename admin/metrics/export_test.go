package metrics

// Registry is what Handler shows.
var Registry = registry
