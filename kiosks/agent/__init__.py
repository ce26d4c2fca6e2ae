"""The print agent: on another PC, it fetches the jobs of its printer from the centre. It only ever calls out."""
