"""What `./kinscale doctor` looks at, one module a subject. Each check is a plain function that returns findings."""
