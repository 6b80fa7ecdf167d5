"""What the lesson says, in numbers and tables: wishes, sensitivities, two descents."""
