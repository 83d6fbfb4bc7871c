"""What every page shares: request, middleware, navigation, pagination, error pages, exports."""
