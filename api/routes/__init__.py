"""The routes, one module for each idea; they translate and decide nothing."""
